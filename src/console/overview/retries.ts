import type { RetriedGroup } from '../../store/overview.ts';
import { count } from '../components/time.tsx';
import type { Concern } from './attention.ts';
import { namesInWords } from './names.ts';
import type { Overview } from './read.ts';

/** Callbacks that have not got through yet, by the receiver that did not take them; the one with the most first. */
export function retryConcerns({ retried, relay }: Pick<Overview, 'retried' | 'relay'>): Concern[] {
  // To the operator the breakers tell of those that do not answer at all.
  const untold = relay === null ? retried : retried.filter(({ isShut }) => !isShut);
  const byHost = Map.groupBy(untold, ({ host }) => host);
  return Array.from(byHost)
    .toSorted(([, a], [, b]) => total(b) - total(a))
    .map(([host, groups]) => concernOf(host, groups, relay !== null));
}

function total(groups: readonly RetriedGroup[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0);
}

function concernOf(host: string, groups: readonly RetriedGroup[], isOperator: boolean): Concern {
  const names = [...new Set(groups.flatMap(({ clientNames }) => clientNames))];
  const whose = isOperator ? `Of ${namesInWords(names)}. ` : '';
  const met = groups.map(({ lastStatus }) => (lastStatus === null ? 'no answer' : `answer ${lastStatus}`));
  const [first] = groups;
  if (first !== undefined && total(groups) === 1) {
    return {
      tone: 'warn',
      title: `A callback to ${host} has not arrived yet`,
      advice: `${whose}Last met: ${met.join()}. It is tried again by itself; its task says when, and what went wrong.`,
      href: `/console/tasks/${first.taskId}`,
    };
  }
  return {
    tone: 'warn',
    title: `${count(total(groups))} callbacks to ${host} have not arrived yet`,
    advice: `${whose}Last met: ${met.join(', ')}. They are tried again by themselves; each task says when, and what went wrong.`,
    href: `/console/tasks?callback=pending&host=${encodeURIComponent(host)}`,
  };
}

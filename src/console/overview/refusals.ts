import { count } from '../components/time.tsx';
import type { Concern } from './attention.ts';
import { namesInWords } from './names.ts';
import type { Overview } from './read.ts';

interface Reason {
  /** Nobody of this client gets anything done. */
  readonly tone: Concern['tone'];
  readonly why: string;
  readonly advice: string;
}

/** Reasons that somebody can do something about; a caller's own slip was told to the caller. */
const REASONS: Readonly<Record<string, Reason>> = {
  'upstream-refused-key': {
    tone: 'bad',
    why: 'upstream does not accept the key',
    advice: 'Set a new UPSTREAM_API_KEY, or a new key of the client’s own.',
  },
  'no-upstream-key': {
    tone: 'bad',
    why: 'there is no upstream key',
    advice: 'Set UPSTREAM_API_KEY, or give the client a key of its own.',
  },
  'insufficient-credits': {
    tone: 'bad',
    why: 'the upstream account has too few credits',
    advice: 'Buy credits there.',
  },
  'daily-credit-limit': {
    tone: 'warn',
    why: 'the daily limit of credits was reached',
    advice: 'It begins anew at midnight UTC. The operator can raise it on the page of the client.',
  },
  'queue-full': {
    tone: 'warn',
    why: 'too much of the client waits or is stored here',
    advice: 'Cancel or erase tasks, or raise its max_queued_tasks.',
  },
  'rate-limited': {
    tone: 'warn',
    why: 'the client sent more requests than Ringback takes of one client',
    advice: 'Each answer said when to send again: look into the tool that posts.',
  },
  'validation-failed': {
    tone: 'warn',
    why: 'they were not valid',
    advice: 'Each answer named the fields at fault: look into the tool that posts.',
  },
  'upstream-rejected-input': {
    tone: 'warn',
    why: 'upstream rejected the input',
    advice: 'Each answer had upstream’s words: look into the tool that posts.',
  },
};

/** Posts that left no task: without this only their callers know. */
export function refusalConcerns({
  refused,
  isOperator,
}: Pick<Overview, 'refused' | 'isOperator'>): Concern[] {
  const byReason = Map.groupBy(refused, ({ reason }) => reason);
  return Array.from(byReason).map(([reason, posts]) => {
    const { tone, why, advice } = REASONS[reason] ?? {
      tone: 'warn',
      why: reason.replaceAll('-', ' '),
      advice: 'Each answer said what was wrong.',
    };
    const total = posts.reduce((sum, post) => sum + post.count, 0);
    const names = posts.map(({ clientName, clientId }) => clientName ?? clientId);
    const whose = isOperator ? `Of ${namesInWords(names)}. ` : '';
    const what = total === 1 ? 'One post' : `${count(total)} posts`;
    return {
      tone,
      title: `${what} refused in 24 hours, because ${why}`,
      advice: whose + advice,
      href: null,
    };
  });
}

import type { EngineDeps } from './deps.ts';
import type { Held } from './held.ts';
import { logError } from './log.ts';
import type { Ready } from './ready.ts';

/** What an invocation still holds at its end comes due when it would be polled or started. Never rejects. */
export async function giveBack(
  { pollCounts, stores }: Pick<EngineDeps, 'pollCounts' | 'stores'>,
  { held, ready }: { readonly held: Held; readonly ready: Ready },
  now: number,
): Promise<void> {
  const waiting = ready.take(() => true).map(({ task }) => ({ task, at: now }));
  const sooner = [...held.takeAll(), ...waiting].filter(({ task, at }) => at < (task.dueAt ?? 0));
  try {
    await stores.due.claim(sooner.map(({ task, at }) => ({ task: pollCounts.of(task), until: at })));
  } catch (error) {
    logError('held tasks were not given back; their claims run out', error);
  }
}

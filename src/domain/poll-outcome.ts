import type { RunningTask } from './task.ts';
import type { TaskEvent } from './transition.ts';
import type { RecordAnswer } from './upstream.ts';

/** A task that upstream says 404 to may still be on its way through upstream's own replicas; after this it is lost. */
const MISSING_GRACE_MS = 60_000;

/** What an answer to recordInfo does to a running task; null where there is nothing to write down. */
export function eventOfRecord(answer: RecordAnswer, task: RunningTask, now: number): TaskEvent | null {
  if (answer.kind === 'ended') return { type: 'ended', end: answer.end };
  const { missingSince } = task.phase;
  if (answer.kind === 'missing' && missingSince !== null && now - missingSince >= MISSING_GRACE_MS) {
    const message = `Upstream has not known this task (404) for ${Math.round((now - missingSince) / 1_000)} s.`;
    return { type: 'gone', error: { code: 'upstream_lost', message, upstreamCode: null } };
  }
  if (now >= task.deadlineAt) return timedOut(task, wordsOf(answer));
  if (answer.kind === 'missing') return missingSince === null ? { type: 'missing' } : null;
  if (answer.kind === 'running' && missingSince !== null) return { type: 'found' };
  if (answer.kind === 'refused' && answer.message !== task.problem) {
    return { type: 'troubled', problem: answer.message };
  }
  return null;
}

/** The end of a task that had none by its deadline. */
export function timedOut(
  task: { createdAt: number; deadlineAt: number; problem: string | null },
  lastWords: string | null,
): TaskEvent {
  const seconds = Math.round((task.deadlineAt - task.createdAt) / 1_000);
  const words = lastWords ?? task.problem;
  const message = `No end within ${seconds} s.${words === null ? '' : ` What upstream last said: ${words}`}`;
  return { type: 'gone', error: { code: 'timed_out', message, upstreamCode: null } };
}

function wordsOf(answer: RecordAnswer): string | null {
  if (answer.kind === 'missing') return 'no such task (404)';
  return 'message' in answer ? answer.message : null;
}

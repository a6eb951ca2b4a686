import { withPossibleTimes } from './end-times.ts';
import type { RunningTask, TaskError } from './task.ts';
import type { TaskEvent } from './transition.ts';
import type { RecordAnswer } from './upstream.ts';

/** A task that upstream says 404 to may still be on its way through upstream's own replicas; after this it is lost. */
const MISSING_GRACE_MS = 60_000;

/** A link may come after the word of success; after this it is not waited for any more. */
export const LINK_GRACE_MS = 120_000;

/** What an answer to recordInfo does to a running task; null where there is nothing to write down. */
export function eventOfRecord(answer: RecordAnswer, task: RunningTask, now: number): TaskEvent | null {
  const { submittedAt, missingSince } = task.phase;
  if (answer.kind === 'ended') {
    const begun = { createdAt: task.createdAt, submittedAt };
    return { type: 'ended', end: withPossibleTimes(answer.end, begun, now) };
  }
  if (answer.kind === 'missing' && missingSince !== null && now - missingSince >= MISSING_GRACE_MS) {
    const message = `Upstream has not known this task (404) for ${Math.round((now - missingSince) / 1_000)} s.`;
    return { type: 'gone', error: { code: 'upstream_lost', message, upstreamCode: null } };
  }
  if (answer.kind === 'unlinked' && isTooLate(task, now)) return { type: 'gone', error: noResult(answer) };
  if (now >= task.deadlineAt) return timedOut(task, wordsOf(answer));
  if (answer.kind === 'missing') return missingSince === null ? { type: 'missing' } : null;
  if (answer.kind === 'unlinked') return unlinked(answer, task);
  if (answer.kind === 'running' && missingSince !== null) return { type: 'found' };
  if (answer.kind === 'refused' && answer.message !== task.problem) {
    return { type: 'troubled', problem: answer.message };
  }
  return null;
}

type Unlinked = Extract<RecordAnswer, { kind: 'unlinked' }>;

/** Whether the link was waited for long enough, and that was before the task's own deadline. */
function isTooLate({ phase, deadlineAt }: RunningTask, now: number): boolean {
  if (phase.unlinkedSince === null) return false;
  const waitsUntil = phase.unlinkedSince + LINK_GRACE_MS;
  return waitsUntil <= now && waitsUntil <= deadlineAt;
}

/** Noted as it begins, and where upstream has something new to say. */
function unlinked({ failMessage }: Unlinked, { phase, problem }: RunningTask): TaskEvent | null {
  const isNew = phase.unlinkedSince === null || phase.missingSince !== null;
  const isNews = failMessage !== null && failMessage !== problem;
  return isNew || isNews ? { type: 'unlinked', problem: failMessage ?? UNLINKED } : null;
}

const UNLINKED = 'Upstream says that the task succeeded, but has not given a link to its result yet.';

function noResult({ failCode, failMessage }: Unlinked): TaskError {
  const ours = `Upstream says that the task succeeded, but gave no link to a result within ${LINK_GRACE_MS / 1_000} s.`;
  return { code: 'no_result', message: failMessage ?? ours, upstreamCode: failCode };
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
  if (answer.kind === 'unlinked') return answer.failMessage ?? UNLINKED;
  return 'message' in answer ? answer.message : null;
}

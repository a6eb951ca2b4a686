import { afterCopy, isSettled, keptUntil, nextCopyAt, nextFile } from '../domain/keeping.ts';
import type { CopyAnswer, Keeping } from '../domain/keeping.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { CopyJob } from '../domain/schedule/job.ts';
import type { KeepingTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { CopyWatch } from '../files/cut.ts';
import type { EngineDeps } from './deps.ts';

/** What one turn of a copy leaves: what is to be written, or what comes next under the same lease. */
export interface CopyTurn {
  readonly outcome: Outcome;
  readonly next: CopyJob | null;
  /** Outgoing requests that it took. */
  readonly fetches: number;
}

/** A task whose files are to be copied, as a job of its own. */
export function copyOf(task: KeepingTask, now: number): CopyJob {
  const { id, clientId, leasedUntil } = task;
  const at = nextCopyAt(task.phase.keeping, now);
  return { id, clientId, leasedUntil, lane: 'copy', kind: 'copy', task, at, isNews: false };
}

/** Tries one file of a task; once each is kept or given up, the task has its end. */
export async function copyNext(deps: EngineDeps, job: CopyJob, watch: CopyWatch): Promise<CopyTurn> {
  const { task } = job;
  const { keeping } = task.phase;
  const place = isSettled(keeping, deps.clock.now()) ? null : nextFile(keeping);
  if (place === null) return { outcome: told(task, deps.clock.now()), next: null, fetches: 0 };
  const { answer, fetches } = await tryOne(deps, task, place, watch);
  const now = deps.clock.now();
  const after = withKeeping(task, afterCopy(keeping, place, answer, now));
  if (isSettled(after.phase.keeping, now)) return { outcome: told(after, now), next: null, fetches };
  const next = { ...job, task: after, at: nextCopyAt(after.phase.keeping, now) };
  return { outcome: {}, next: { ...next, isNews: job.isNews || answer.kind !== 'yielded' }, fetches };
}

async function tryOne(
  { files }: EngineDeps,
  task: KeepingTask,
  place: number,
  watch: CopyWatch,
): Promise<{ answer: CopyAnswer; fetches: number }> {
  const { keeping } = task.phase;
  const file = keeping.files[place];
  if (files === null || file === undefined)
    return { answer: { kind: 'refused', problem: 'No bucket is bound any more.' }, fetches: 0 };
  const { source, capability } = file;
  const ownHosts = task.filesOrigin === null ? [] : [new URL(task.filesOrigin).hostname];
  const { prompt } = task.input;
  const request = { taskId: task.id, place, capability, source, prompt, ownHosts, until: keptUntil(keeping) };
  return await files.copy(request, watch);
}

function withKeeping(task: KeepingTask, keeping: Keeping): KeepingTask {
  return { ...task, phase: { ...task.phase, keeping } };
}

/** The end, with what became of each file. */
function told(task: KeepingTask, now: number): Outcome {
  const next = transition(task, { type: 'copied' }, now);
  return next === null ? {} : { task: { task: next } };
}

import type { Outcome } from '../domain/outcome.ts';
import { filesToCopy } from '../domain/keeping.ts';
import { eventOfRecord } from '../domain/poll-outcome.ts';
import type { UpstreamJob } from '../domain/schedule/job.ts';
import { resultUrls } from '../domain/result-urls.ts';
import { isEnded, isKeeping } from '../domain/task.ts';
import type { RunningTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { TaskEvent } from '../domain/transition.ts';
import { ABANDONED_MS, FOLLOW_EVERY_MS, MAX_FOLLOW_MS } from '../domain/upstream-key.ts';
import type { Abandoned, KeyLesson, UpstreamKey } from '../domain/upstream-key.ts';
import type { RecordAnswer } from '../domain/upstream.ts';
import type { EngineDeps } from './deps.ts';
import type { Trouble } from './upstream-watch.ts';

/** Asks upstream how a task stands. */
export async function askForRecord(
  deps: EngineDeps,
  keyId: string,
  key: UpstreamKey | null,
  upstreamTaskId: string,
): Promise<RecordAnswer> {
  const apiKey = await deps.openKey(keyId, key);
  if (apiKey === null)
    return { kind: 'refused', message: 'There is no upstream key for this task.', isUnauthorized: true };
  return await deps.upstream.record(apiKey, upstreamTaskId);
}

/** What an answer to recordInfo teaches of its key. */
export function lessonsOfRecord(
  { upstreamWatch }: Pick<EngineDeps, 'upstreamWatch'>,
  answer: RecordAnswer,
  { keyId, key }: { readonly keyId: string; readonly key: UpstreamKey | null },
  now: number,
): KeyLesson[] {
  const lessons = upstreamWatch.saw(keyId, troubleOfRecord(answer), key, now);
  if (answer.kind !== 'limited') return lessons;
  const { retryAfterMs, intervalMs } = answer;
  return [...lessons, { keyId, what: 'polls-paused', until: now + retryAfterMs, intervalMs, at: now }];
}

function troubleOfRecord(answer: RecordAnswer): Trouble | null {
  if (answer.kind === 'unavailable') return { problem: answer.message, isRefused: false };
  if (answer.kind !== 'refused' || !answer.isUnauthorized) return null;
  return { problem: answer.message, isRefused: true };
}

/** What a poll leaves; null for a poll that found nothing new, which is counted in memory and writes nothing. */
export function outcomeOfPoll(
  deps: EngineDeps,
  task: RunningTask,
  answer: RecordAnswer,
  key: UpstreamKey | null,
): Outcome | null {
  const now = deps.clock.now();
  const event = eventOfRecord(answer, task, now);
  if (event?.type === 'ended') deps.learning.saw(task, event.end);
  const next = event && transition(task, withFiles(deps, task, event, now), now);
  const lessons = lessonsOfRecord(deps, answer, { keyId: task.accountId, key }, now);
  if (next === null) return lessons.length === 0 ? null : { lessons };
  if (!isEnded(next) && !isKeeping(next)) return { task: { task: next }, lessons };
  deps.pollCounts.forget(task.id);
  if (hasEnded(answer)) return { task: { task: next, freesSlot: true }, lessons };
  return { task: { task: next }, lessons, running: stillRunning(task, now) };
}

/** An end whose files are kept is told once they are copied. */
function withFiles(deps: EngineDeps, task: RunningTask, event: TaskEvent, now: number): TaskEvent {
  const { files } = deps;
  if (files === null || task.filesOrigin === null || event.type !== 'ended') return event;
  const { end } = event;
  if (end.state !== 'succeeded') return event;
  const links = resultUrls(end.resultJson, task.media);
  if (links.length === 0) return event;
  return { type: 'finished', end, files: filesToCopy(links, now, () => files.newCapability()) };
}

/** Whether upstream runs it no more. */
function hasEnded({ kind }: RecordAnswer): boolean {
  return kind === 'ended' || kind === 'unlinked' || kind === 'missing';
}

/** What follows from a task that ends here while upstream runs it on. */
export function stillRunning(task: RunningTask, now: number): NonNullable<Outcome['running']> {
  const { accountId: keyId, clientId, phase } = task;
  const { upstreamTaskId } = phase;
  return {
    abandoned: { keyId, clientId, upstreamTaskId, until: now + ABANDONED_MS },
    dueAt: now + FOLLOW_EVERY_MS,
  };
}

/** The longer ago it ended here, the less often: by half of that time, within bounds. */
function nextFollowAt({ until }: Abandoned, now: number): number {
  const ago = now - (until - ABANDONED_MS);
  return now + Math.round(Math.min(Math.max(ago / 2, FOLLOW_EVERY_MS), MAX_FOLLOW_MS));
}

/** What a look at a task that ended here before leaves: until upstream has ended it, it is looked at again. */
export function outcomeOfFollow(
  deps: EngineDeps,
  { abandoned, keyId }: Extract<UpstreamJob, { kind: 'follow' }>,
  answer: RecordAnswer,
  key: UpstreamKey | null,
): Outcome {
  const now = deps.clock.now();
  const isOver = hasEnded(answer) || now >= abandoned.until;
  return {
    followed: { abandoned, isOver, dueAt: nextFollowAt(abandoned, now) },
    lessons: lessonsOfRecord(deps, answer, { keyId, key }, now),
  };
}

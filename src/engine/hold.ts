import { nextPollOf } from '../domain/poll-schedule.ts';
import { followId, jobOfDelivery } from '../domain/schedule/job.ts';
import type { Job } from '../domain/schedule/job.ts';
import { DELIVERIES_AHEAD_MS, leases } from '../domain/schedule/plan.ts';
import type { State } from '../domain/schedule/state.ts';
import { isKeeping, isRunning, isUnsent } from '../domain/task.ts';
import type { RunningTask, Task } from '../domain/task.ts';
import { hostOf } from '../domain/url-policy.ts';
import type { Fetched } from '../store/exchange.ts';
import type { LeasedDelivery } from '../store/fetch-deliveries.ts';
import { copyOf } from './copy.ts';
import type { EngineDeps } from './deps.ts';
import { outcomeOfExpiry } from './submit.ts';

/** Takes what was fetched into hand: each row as the job that it is due for. */
export function hold(deps: EngineDeps, state: State, fetched: Fetched, now: number): void {
  for (const { key } of [...fetched.tasks, ...fetched.queued, ...fetched.deliveries, ...fetched.abandoned]) {
    if (key !== null) state.keys.learn(key);
  }
  for (const key of fetched.paused) state.keys.learn(key);
  for (const { task, health } of [...fetched.tasks, ...fetched.queued]) {
    if (task.callback !== null) state.receivers.learn(task.callback.host, task.clientId, health);
  }
  for (const slots of fetched.pollSlots) state.keys.grant(slots);
  for (const slots of fetched.callSlots) state.receivers.grant(slots);
  for (const id of fetched.ended) state.held.remove(id);
  for (const { task } of [...fetched.tasks, ...fetched.overdue])
    holdTask(deps, state, { task, fromQueue: false }, now);
  for (const { task } of fetched.queued) holdTask(deps, state, { task, fromQueue: true }, now);
  noteTurns(state, fetched);
  for (const leased of fetched.deliveries) holdDelivery(state, leased, now);
  for (const { abandoned } of fetched.abandoned) {
    const { clientId, keyId } = abandoned;
    const common = {
      id: followId(abandoned),
      clientId,
      keyId,
      at: now,
      leasedUntil: leases(state.plan, now).submit,
    };
    add(state, { ...common, lane: 'upstream', kind: 'follow', abandoned });
  }
}

/** The last of each key's queue whose turn it was: clients go by turns, over all invocations. */
function noteTurns(state: State, { queued }: Fetched): void {
  const last = new Map<string, string>();
  for (const { task } of queued) last.set(task.accountId, task.clientId);
  const lessons = Array.from(last, ([keyId, clientId]) => ({ keyId, what: 'served', clientId }) as const);
  if (lessons.length > 0) state.add({ lessons });
}

function add(state: State, job: Job): void {
  // What is in hand already is newer here than in D1.
  if (!state.hasInHand(job.id)) state.held.add(job);
}

function holdTask(
  deps: EngineDeps,
  state: State,
  { task, fromQueue }: { readonly task: Task; readonly fromQueue: boolean },
  now: number,
): void {
  const { id, clientId, accountId: keyId, leasedUntil } = task;
  if (isRunning(task)) add(state, nextOf(deps, task, now));
  else if (isUnsent(task) && now < task.deadlineAt)
    add(state, {
      id,
      clientId,
      keyId,
      leasedUntil,
      lane: 'upstream',
      kind: 'submit',
      task,
      fromQueue,
      at: now,
    });
  else if (isUnsent(task) && !state.hasInHand(id)) state.add(outcomeOfExpiry(task, now));
}

/** What a running task is to do next, as of now; its lease is longer than until then. */
export function nextOf(deps: EngineDeps, task: RunningTask, now: number): Job {
  return isKeeping(task) ? copyOf(task, now) : pollOf(deps, task, now);
}

function pollOf(deps: EngineDeps, task: RunningTask, now: number): Job {
  const { id, clientId, accountId: keyId, leasedUntil } = task;
  const at = firstPollAt(deps, task, now);
  return { id, clientId, keyId, leasedUntil, lane: 'upstream', kind: 'poll', task, at };
}

/** Of tasks whose last polls are in no row and in no memory, none stands before all others. */
const SPREAD_MS = 5_000;

/**
 * When a task that was leased is polled first. At its own instant, if nobody held it before; else when it would be by its last
 * poll, as far as this isolate knows of that. An instant that has passed says who has waited longest, where there are more to poll
 * than the invocation may.
 */
function firstPollAt(deps: EngineDeps, task: RunningTask, now: number): number {
  const { deadlineAt, phase, dueAt } = task;
  const due = dueAt ?? now;
  if (now >= deadlineAt || due > now) return Math.min(due, deadlineAt);
  const plan = deps.learning.known.of(task, phase.submittedAt);
  const { lastAt } = deps.pollCounts.of(task).polls;
  if (lastAt !== null && lastAt >= due)
    return Math.min(nextPollOf(phase, lastAt, deps.config, plan), deadlineAt);
  const wasHeld = now - due > nextPollOf(phase, now, deps.config, plan) - now;
  const at = wasHeld ? now - Math.round(SPREAD_MS * deps.random()) : due;
  return Math.min(deps.pollCounts.expected(task.id, at), deadlineAt);
}

/** Takes a leased delivery into hand. */
export function holdDelivery(state: State, { work, health }: LeasedDelivery, now: number): void {
  const { client, delivery } = work;
  // Whoever is told of failures may have moved since the notice was written.
  const url = delivery.kind === 'notice' ? (client.failureCallbackUrl ?? delivery.url) : delivery.url;
  const host = url === delivery.url ? delivery.host : hostOf(url);
  if (host === delivery.host) state.receivers.learn(host, delivery.clientId, health);
  const due = delivery.dueAt ?? now;
  // One that is not due for longer is tried for its receiver's sake, and at once.
  const at = due <= now + DELIVERIES_AHEAD_MS ? Math.max(due, now) : now;
  add(state, jobOfDelivery({ ...work, delivery: { ...delivery, url, host } }, at, delivery.leasedUntil));
}

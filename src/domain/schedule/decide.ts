import { isFreshCopy, isTold, overAt } from './copies.ts';
import { cpuOf, waitsForCpuUntil } from './cpu.ts';
import type { Group } from './held.ts';
import { LOOKED_AT, sharedBy } from './job.ts';
import type { Job } from './job.ts';
import { mayStart } from './limits.ts';
import { legEnd } from './plan.ts';
import type { Leg } from './plan.ts';
import { nextRenewalAt } from './renewals.ts';
import type { State } from './state.ts';
import { nextSyncAt } from './sync-times.ts';

/** What to do now. */
export interface Decision {
  /** The leg to call, and in how long it is to begin: this invocation has work, and will not end it. Null where none is. */
  readonly handOver: { readonly leg: Leg; readonly inMs: number } | null;
  /** The job to start; there may be another then. Null where none may start. */
  readonly start: Job | null;
  /** Whether it is time for an exchange with D1: outcomes out, due work in. */
  readonly sync: boolean;
  /** Nothing is left to do. */
  readonly stop: boolean;
  /** Nothing changes by itself before this instant. Epoch ms. */
  readonly sleepUntil: number;
}

const NEVER: Decision = { handOver: null, start: null, sync: false, stop: false, sleepUntil: Infinity };

/** What an invocation is to do at `now`, by all that it knows. Pure: it changes nothing. */
export function decide(state: State, now: number): Decision {
  const isOver = state.isOver(now);
  if (!isOver) {
    const handOver = nextLeg(state, now);
    if (handOver !== null) return { ...NEVER, handOver, sleepUntil: now };
    const start = nextStart(state, now);
    if (start !== null) return { ...NEVER, start, sleepUntil: now };
  }
  const syncAt = nextSyncAt(state, now, isOver);
  if (syncAt <= now) return { ...NEVER, sync: true, sleepUntil: now };
  const isWaiting = state.inFlight.size > 0 || state.isSyncing || state.isCalling;
  const isDone = !isWaiting && (state.outcomes.length === 0 || state.isCutOff);
  if (isOver && isDone) return { ...NEVER, stop: true, sleepUntil: now };
  if (isOver) return { ...NEVER, sleepUntil: Math.min(syncAt, nextRenewalAt(state)) };
  const idleUntil = state.isIdle ? state.idleUntil : Infinity;
  const nextAt = Math.min(nextStartAt(state, now), nextRenewalAt(state));
  return { ...NEVER, sleepUntil: Math.min(syncAt, nextAt, state.plan.endsAt, idleUntil) };
}

/**
 * The next leg, called as soon as this one has work: so a message that cannot be sent is known while there is time to work on
 * alone, and the next leg comes even where the platform ends this one midway.
 */
function nextLeg({ plan, held, inFlight, syncedAt, isCalling }: State, now: number): Decision['handOver'] {
  const { handOver, endsAt } = plan;
  if (handOver === null || isCalling || held.size + inFlight.size === 0) return null;
  // What the last look brought is leased until then.
  const end = Math.max(now, legEnd(plan, syncedAt));
  if (end >= endsAt) return null;
  return { leg: { endsAt, legsLeft: handOver.legsLeft - 1 }, inMs: end - now };
}

/**
 * Of the jobs that may start, one of the client that has the least in hand there, and was served least: first among those that
 * share a key's rate, then among all of a lane, which share its connections. Example: two clients poll by one key, a third by its
 * own. Whose of the two it is depends on what that key did for them, and not on how often the third was served meanwhile.
 */
function nextStart(state: State, now: number): Job | null {
  const goesBefore = (shared: string, job: Job, other: Job | null): boolean =>
    other === null || isBefore(rankOf(state, now, shared, job), rankOf(state, now, shared, other));
  const ofKeys = new Map<string, Job>();
  for (const group of state.held.lanes()) {
    const job = firstOf(state, group, now);
    if (job === null) continue;
    const shared = sharedBy(job);
    if (goesBefore(shared, job, ofKeys.get(shared) ?? null)) ofKeys.set(shared, job);
  }
  let first: Job | null = null;
  for (const job of ofKeys.values()) if (goesBefore(job.lane, job, first)) first = job;
  return first;
}

function firstOf(state: State, { jobs }: Group, now: number): Job | null {
  for (const job of jobs.slice(0, LOOKED_AT)) {
    if (job.at > now) return null;
    if (mayStart(state, job, now)) return job;
  }
  return null;
}

const LANES: readonly Job['lane'][] = ['callback', 'upstream', 'copy'];

function rankOf(state: State, now: number, shared: string, job: Job): readonly number[] {
  const { lane, clientId, at } = job;
  // An end that is only to be written costs no request, and its callback waits for it.
  if (job.kind === 'copy' && isTold(job, now)) return [-1];
  const inHand = state.inFlight.count((other) => other.lane === lane && other.clientId === clientId);
  const isAgain = lane === 'copy' && !isFreshCopy(job);
  return [LANES.indexOf(lane), Number(isAgain), inHand, state.turnsOf(shared).of(clientId), at];
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const place = a.findIndex((value, i) => value !== b[i]);
  return place >= 0 && (a[place] ?? 0) < (b[place] ?? 0);
}

/** When time alone may let a held job start that may not start now. Epoch ms. */
function nextStartAt(state: State, now: number): number {
  let next = state.fetches.nextShareAt(now);
  for (const { lane, laneKey, jobs } of state.held.lanes()) {
    const waiting = jobs.find(({ at }) => at > now);
    if (waiting !== undefined) next = Math.min(next, waiting.at);
    const [first] = jobs;
    if (first !== undefined && first.at <= now) {
      next = Math.min(
        next,
        laterThan(now, waitsForCpuUntil(first)),
        state.cpu.nextShareAt(now, cpuOf(first)),
      );
    }
    if (lane === 'upstream') {
      next = Math.min(next, laterThan(now, state.keys.nextPollAt(laneKey)));
      next = Math.min(next, laterThan(now, state.keys.nextSubmitAt(laneKey)));
    }
    for (const job of jobs) next = Math.min(next, laterThan(now, overAt(job)));
    if (first?.kind === 'deliver') {
      const { openUntil } = state.receivers.health(first.work.delivery);
      next = Math.min(next, laterThan(now, openUntil ?? Infinity));
      for (const job of jobs.slice(0, LOOKED_AT))
        if (job.kind === 'deliver')
          next = Math.min(next, laterThan(now, state.receivers.nextCallAt(job.work.delivery)));
    }
  }
  return next;
}

function laterThan(now: number, instant: number): number {
  return instant > now ? instant : Infinity;
}

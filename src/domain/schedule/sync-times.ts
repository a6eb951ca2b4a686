import { LOOKED_AT, waitsForPolls } from './job.ts';
import type { Job } from './job.ts';
import type { State } from './state.ts';

/** From one exchange with D1 to the next at the least: so their number follows from time, however much there is to do. */
const MIN_APART_MS = 550;
const MAX_APART_MS = 1_500;
/** With so many requests in hand, one more is made as soon as it is worth it. */
const SPARE = 3;
/** From one look to the next where the last one left something. */
const MORE_LOOK_MS = 1_000;
/** An exchange that failed is tried again after this, doubled with each failure in a row up to 8 s. */
const RETRY_MS = 500;
const MAX_DOUBLINGS = 4;

/** When the next exchange with D1 is worth its request; `Infinity` where none is. Epoch ms. */
export function nextSyncAt(state: State, now: number, isOver: boolean): number {
  if (state.isSyncing || state.isCutOff) return Infinity;
  if (state.failures > 0) return state.syncedAt + RETRY_MS * 2 ** Math.min(state.failures, MAX_DOUBLINGS);
  const { outcomes, d1, inFlight } = state;
  if (isOver) {
    if (outcomes.length === 0) return Infinity;
    // The last ones are written together.
    return inFlight.size === 0 ? now : Math.max(now, state.syncedAt + MAX_APART_MS);
  }
  const wanted = outcomes.length > 0 || lacksGrants(state, now) ? now : lookAt(state, now);
  const soonest = Math.max(wanted, state.syncedAt + apartMs(state, now));
  return d1.share(now) > 0 ? soonest : Math.max(soonest, d1.nextShareAt(now));
}

function apartMs({ d1 }: State, now: number): number {
  if (d1.share(now) >= SPARE) return MIN_APART_MS;
  return Math.min(MAX_APART_MS, Math.max(MIN_APART_MS, d1.pace(now) / 2));
}

function lookAt(state: State, now: number): number {
  const { outlook, syncedAt, plan, d1, held, inFlight } = state;
  const latest = syncedAt + Math.max(d1.pace(now), usualMs());
  if (outlook.hasMore) return Math.min(latest, syncedAt + MORE_LOOK_MS);
  return Math.min(latest, outlook.nextDueAt ?? Infinity);

  function usualMs(): number {
    const { idleMs, busyMs, queueMs } = plan.looks;
    const lookMs = held.size + inFlight.size > 0 ? busyMs : idleMs;
    return outlook.hasQueue ? Math.min(lookMs, queueMs) : lookMs;
  }
}

/** Whether something could start that needs D1's word for it: an instant of a limited key, a call of a paced receiver. */
function lacksGrants(state: State, now: number): boolean {
  for (const { laneKey, jobs } of state.held.lanes()) {
    const [first] = jobs;
    if (first === undefined || first.at > now) continue;
    if (waitsForPolls(first) && state.keys.lacksSlots(laneKey, now) !== null) return true;
    const lacks = (job: Job) =>
      job.kind === 'deliver' && job.at <= now && state.receivers.nextCallAt(job.work.delivery) === Infinity;
    if (jobs.slice(0, LOOKED_AT).some(lacks)) return true;
  }
  return false;
}

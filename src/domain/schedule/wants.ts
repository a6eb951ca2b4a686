import { waitsForPolls } from './job.ts';
import { isKeyOpen } from './limits.ts';
import { DELIVERY_WAIT_MS, leases } from './plan.ts';
import { paceOf } from './receiver-lanes.ts';
import type { Pace } from './receiver-lanes.ts';
import { SLOTS_AHEAD_MS, worthAsking } from './slots.ts';
import type { State } from './state.ts';

/** A rate whose next instants an invocation wants. */
export interface WantedPolls {
  readonly keyId: string;
  readonly count: number;
  readonly intervalMs: number;
}

/** Calls of a paced receiver. */
export interface WantedCalls extends Pace {
  readonly count: number;
}

/** What an invocation wants of what is due. Instants are epoch ms. */
export interface Wants {
  readonly tasks: number;
  readonly queued: number;
  readonly deliveries: number;
  /** Tasks that wait past their deadline. */
  readonly overdue: boolean;
  /** Tasks that ended here while upstream runs them. */
  readonly abandoned: boolean;
  /** Running tasks that come due within this time are leased already. */
  readonly aheadMs: number;
  readonly leases: {
    readonly poll: number;
    readonly copy: number;
    readonly submit: number;
    readonly delivery: number;
  };
  /** The pair of client and host behind which deliveries are looked at. */
  readonly after: readonly [string, string];
  /** Pairs of client and host that take nothing more at the moment; with null for the host, clients. */
  readonly full: readonly (readonly [string, string | null])[];
  /** Keys that are polled from memory. */
  readonly keys: readonly string[];
  readonly polls: readonly WantedPolls[];
  readonly calls: readonly WantedCalls[];
  /** Ids of tasks to be told of where somebody else has ended them. */
  readonly held: readonly string[];
}

/** Due tasks that one exchange brings, and queued ones: two exchanges a second bring 1,600, more than one Worker polls. */
const MAX_TASKS = 800;
const MAX_QUEUED = 200;
/** Deliveries in hand, of all clients and of one: at the least, and where callbacks are quick as many as go while a lease waits. */
const MIN_DELIVERIES = 200;
const MIN_DELIVERIES_OF_CLIENT = 40;
const MAX_DELIVERIES_OF_CLIENT = 400;
/** Callbacks to one receiver at a time, of one client. */
const AT_ONCE = 3;
/** An isolate has 128 MB for everything. */
const MAX_HELD = 5_000;
/** Held tasks of which one exchange asks whether somebody else has ended them: two rows are read for each. */
export const MAX_CHECKED = 500;
/** What is submitted is taken as far as it is got through in this time. */
const AHEAD_MS = 10_000;
/** A task that may end soon is polled again after 3.2 to 5 s: so many are held beside others as are got through in this time, again and again. */
const POLLED_AGAIN_MS = 4_000;
/** With more requests overdue than it gets through in this time, it holds too much already. */
const BEHIND_MS = 1_000;
const MIN_AHEAD = 50;
/** With a budget that is soon used up. */
const MIN_POLLED = 6;
const CONNECTIONS = 4;
/** What one client may have in hand for one receiver that answers in good time; one, for any other. */
const MAX_OF_PAIR = 12;

/** What a look is to leave out, or to ask beside. */
export interface Look {
  /** The pair of client and host behind which deliveries are looked at. */
  readonly after: readonly [string, string];
  readonly takesDeliveries: boolean;
  /** From which of the held tasks on it is asked whether somebody else has ended them, or null. */
  readonly checksHeldFrom: number | null;
}

/** What an invocation wants of what is due, by what it has in hand and gets through. */
export function wantsOf(state: State, now: number, { after, takesDeliveries, checksHeldFrom }: Look): Wants {
  const { held, plan, outlook } = state;
  const soon = capacity(state, now, AHEAD_MS);
  const mayHold = plan.isAlone ? capacity(state, now, plan.endsAt - now) : polledAgain(state, now);
  const unstarted = plan.isAlone ? held.count('submit') : held.count('poll') + held.count('submit');
  const deliveries = held.count('deliver') + held.count('refresh');
  const most = mostDeliveries(state);
  return {
    tasks: clamp(Math.min(MAX_TASKS, mayHold - unstarted, MAX_HELD - held.size)),
    queued: outlook.hasQueue ? clamp(Math.min(MAX_QUEUED, soon - held.count('submit'))) : 0,
    overdue: outlook.hasQueue,
    abandoned: outlook.hasAbandoned,
    deliveries:
      takesDeliveries && outlook.hasDeliveries ? clamp(Math.min(most.ofClient, most.all - deliveries)) : 0,
    aheadMs: plan.isAlone ? plan.looks.idleMs : 0,
    leases: leases(plan, now),
    after,
    full: [...fullPairs(state), ...fullClients(state)],
    keys: polledKeys(state),
    polls: wantedPolls(state, now),
    calls: wantedCalls(state, now),
    held: checksHeldFrom === null ? [] : polledIds(state).slice(checksHeldFrom, checksHeldFrom + MAX_CHECKED),
  };
}

function polledIds({ held }: State): readonly string[] {
  return held.all().flatMap(({ kind, id }) => (kind === 'poll' ? [id] : []));
}

function clamp(count: number): number {
  return Math.max(0, Math.floor(count));
}

/** How many requests upstream this invocation gets through in `forMs`: as fast as upstream answers, within its budget. */
function capacity(state: State, now: number, forMs: number): number {
  return Math.min(done(state, forMs), state.fetches.share(now + forMs));
}

/**
 * How many tasks it can poll all the time. What was saved of the budget does not count: it is used up by the first polls of all. None,
 * while it is behind with those that it holds: callbacks take their share of the budget too, and what it leaves others take.
 */
function polledAgain(state: State, now: number): number {
  if (overdue(state, now) > capacity(state, now, BEHIND_MS)) return 0;
  const paced = Math.max(MIN_POLLED, state.fetches.earnedIn(POLLED_AGAIN_MS));
  return Math.min(capacity(state, now, POLLED_AGAIN_MS), paced);
}

/** Requests upstream that wait for a connection or for the budget, and not for what upstream said of their key. */
function overdue(state: State, now: number): number {
  return state.held
    .all()
    .filter((job) => job.lane === 'upstream' && job.at <= now && isKeyOpen(state, job, now)).length;
}

function done({ inFlight }: State, forMs: number): number {
  const count = Math.floor((CONNECTIONS * forMs) / Math.max(1, inFlight.upstreamMs));
  return Math.max(MIN_AHEAD, Math.min(MAX_HELD, count));
}

/** Clients of which enough is in hand, whatever the hosts. */
function fullClients(state: State): (readonly [string, null])[] {
  const counts = Array.from(deliveriesByClient(state));
  const { ofClient } = mostDeliveries(state);
  return counts.flatMap(([clientId, count]) => (count >= ofClient ? [[clientId, null] as const] : []));
}

/** How many deliveries may be in hand, of all clients and of one: by how long callbacks take at the moment. */
export function mostDeliveries({ inFlight }: State): { readonly all: number; readonly ofClient: number } {
  const { callbackMs } = inFlight;
  const gone = callbackMs === 0 ? 0 : Math.floor((AT_ONCE * DELIVERY_WAIT_MS) / callbackMs);
  const ofClient = Math.min(MAX_DELIVERIES_OF_CLIENT, Math.max(MIN_DELIVERIES_OF_CLIENT, gone));
  return { all: Math.max(MIN_DELIVERIES, ofClient), ofClient };
}

/** How many deliveries are held of each client. */
export function deliveriesByClient({ held }: State): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { clientId, jobs } of held.lanes()) {
    const count = jobs.filter(({ kind }) => kind === 'deliver' || kind === 'refresh').length;
    if (count > 0) counts.set(clientId, (counts.get(clientId) ?? 0) + count);
  }
  return counts;
}

function polledKeys({ held }: State): readonly string[] {
  const keys = new Set<string>();
  for (const { lane, laneKey } of held.lanes()) if (lane === 'upstream') keys.add(laneKey);
  return Array.from(keys);
}

/** Pairs of client and host of which enough is in hand. */
function fullPairs({ held, inFlight, receivers, plan }: State): (readonly [string, string])[] {
  const full: (readonly [string, string])[] = [];
  for (const { lane, laneKey, clientId, jobs } of held.lanes()) {
    const [first] = jobs;
    if (lane !== 'callback' || first?.kind !== 'deliver') continue;
    const isProven = receivers.standing(first.work.delivery, plan.startedAt) === 'proven';
    if (jobs.length >= (isProven ? MAX_OF_PAIR : 1)) full.push([clientId, laneKey]);
  }
  const flying = inFlight.pairs(
    (job) => job.kind === 'deliver' && receivers.standing(job.work.delivery, plan.startedAt) !== 'proven',
  );
  return [...full, ...flying];
}

/** Limited keys whose polls are due soon, and how many. */
function wantedPolls(state: State, now: number): Wants['polls'] {
  const counts = new Map<string, number>();
  for (const { lane, laneKey, jobs } of state.held.lanes()) {
    if (lane !== 'upstream' || state.keys.lacksSlots(laneKey, now) === null) continue;
    const due = jobs.filter((job) => waitsForPolls(job) && job.at <= now + SLOTS_AHEAD_MS).length;
    counts.set(laneKey, (counts.get(laneKey) ?? 0) + due);
  }
  return Array.from(counts).flatMap(([keyId, due]) => {
    const intervalMs = state.keys.lacksSlots(keyId, now);
    if (intervalMs === null || due === 0) return [];
    return [{ keyId, intervalMs, count: worthAsking(due, intervalMs) }];
  });
}

/** Paced receivers to which something could go. */
function wantedCalls(state: State, now: number): readonly WantedCalls[] {
  const wanted = new Map<string, { readonly pace: Pace; due: number }>();
  for (const { jobs } of state.held.lanes()) {
    for (const job of jobs) {
      if (job.kind !== 'deliver' || job.at > now) continue;
      const { delivery } = job.work;
      const pace = paceOf(delivery.url, delivery.host);
      if (pace === null || state.receivers.nextCallAt(delivery) !== Infinity) continue;
      wanted.set(pace.lane, { pace, due: (wanted.get(pace.lane)?.due ?? 0) + 1 });
    }
  }
  return Array.from(wanted.values(), ({ pace, due }) => ({
    ...pace,
    count: worthAsking(due, pace.intervalMs),
  }));
}

import type { Send } from '../ledger.ts';
import { firstOf, isEnded, isRunning } from '../sight.ts';
import type { DeliveryRow, Invariant, KeyRow, Row, Sight } from '../sight.ts';

/**
 * What has to happen in time once nothing goes wrong any more: crons come each minute, receivers do as their kind does. The rules
 * of the engine are written down here a second time, as far as they are promises; where only the engine knows (what it has
 * learned of a key), its word counts.
 */

/** What died held its rows until its lease was over. */
const SETTLE_MS = 75_000;
const MINUTE_MS = 60_000;
/** From one look to the next of an invocation that has nothing to do, on each plan of the platform. */
const IDLE_LOOK_MS = { free: 15_000, paid: 3_000 } as const;
const FREE_D1_REQUESTS = 50;
/** With fewer requests than these an invocation chooses, and what it leaves is late with good reason. */
const PLENTY_OF_REQUESTS = 200;
const ENOUGH_FOR_DELIVERIES = 45;

const ASKED_WITHIN_MS = 10_000;
/** While upstream is asked, and what it says is written, a task looks as before. */
const ANSWERED_WITHIN_MS = 15_000;
const DELIVERED_WITHIN_MS = 60_000;
const PROBED_WITHIN_MS = 300_000;
/** A run that is over after five seconds, as some worlds have them, calls a receiver so often that gets one callback at a time. */
const SHORT_TICK_SECONDS = 5;
const CALLS_OF_SHORT_TICK = 8;
/** A receiver that takes longer gets one callback at a time. */
const SLOW_MS = 3_000;

/** How long it may be until anybody looks. */
function lookMs({ plan }: Sight): number {
  const gapMs = Math.max(0, MINUTE_MS - Number(plan.vars['TICK_SECONDS']) * 1_000);
  if (plan.d1Requests > FREE_D1_REQUESTS) return gapMs + IDLE_LOOK_MS.paid;
  // The message to the next leg of a tick may be lost: then nobody looks until the next cron.
  return Math.max(gapMs, MINUTE_MS) + IDLE_LOOK_MS.free;
}

/** An instant of Ringback's clock in true time. */
function trueTime({ relayNow, trueNow }: Sight, at: number): number {
  return at - (relayNow - trueNow);
}

/** From when on anything may be expected: a while after the calm began. */
function startOf({ calmSince, trueNow }: Sight): number {
  return calmSince === null ? trueNow : calmSince + SETTLE_MS;
}

export const duePollsHappen: Invariant = {
  name: 'a due poll happens within twice its planned interval',
  inTheCalm: (sight) =>
    sight.plan.subrequestBudget < PLENTY_OF_REQUESTS
      ? null
      : firstOf(sight.rows.values(), (row) => {
          if (!isRunning(row) || row.upstream_task_id === null) return null;
          const late = sight.trueNow - Math.max(latestPollAt(sight, row), startOf(sight)) - lookMs(sight);
          return late <= 0 ? null : `${row.id} was not polled for ${late} ms more than it may be`;
        }),
};

/** No task is polled less often once it has been polled: the older it is, the less, up to a minute. */
const LONGEST_INTERVAL_MS = 60_000;
const SHORTEST_INTERVAL_MS = 5_000;

function latestPollAt(sight: Sight, row: Row): number {
  const { account_id: keyId, upstream_task_id: id, submitted_at: submittedAt, due_at: dueAt } = row;
  const key = sight.keys.get(keyId);
  const submitted = trueTime(sight, submittedAt ?? 0);
  const last = sight.ledger.polledAt.get(id ?? '');
  // The first is planned with the task; it may be for when most of its like have ended.
  const firstMs = (dueAt ?? 0) - (submittedAt ?? 0);
  const intervalMs = last === undefined ? firstMs : Math.max(SHORTEST_INTERVAL_MS, 1.5 * (last - submitted));
  const at =
    (last ?? submitted) + 2 * (last === undefined ? intervalMs : Math.min(LONGEST_INTERVAL_MS, intervalMs));
  return Math.max(at, trueTime(sight, key?.poll_paused_until ?? 0)) + paceMs(sight, keyId, key);
}

/** How long a round of polls takes of a key whose rate upstream limits. */
function paceMs({ rows, abandoned }: Sight, keyId: string, key: KeyRow | undefined): number {
  const polled =
    Array.from(rows.values()).filter((row) => row.account_id === keyId && isRunning(row)).length +
    abandoned.filter(({ account_id: id }) => id === keyId).length;
  return 2 * polled * (key?.poll_interval_ms ?? 0);
}

/** With the name of a lane, since when something that could go there has not gone. */
type Since = Map<string, number>;

export function freeSlotsAreUsed(): Invariant {
  const since: Since = new Map();
  return {
    name: 'a queued task is asked for within 10 s of a free slot',
    inTheCalm: (sight) => {
      if (sight.plan.subrequestBudget < PLENTY_OF_REQUESTS || sight.calmSince === null) return null;
      return firstOf(sight.keys.values(), (key) => {
        const waiting = waitingFor(sight, key);
        const [first] = waiting;
        if (first === undefined || !hasFreeSlot(sight, key)) {
          since.delete(key.id);
          return null;
        }
        const asked = lastAsked(sight, key.id);
        const from = Math.max(since.get(key.id) ?? sight.trueNow, asked, startOf(sight));
        since.set(key.id, from);
        const late = sight.trueNow - from - ASKED_WITHIN_MS - lookMs(sight);
        return late <= 0
          ? null
          : `${first.id} waits, and ${key.id} has had a free slot for ${late} ms more than it may`;
      });
    },
  };
}

/** Those of the key's queue that wait for nobody but the key. */
function waitingFor(sight: Sight, { id }: KeyRow): Row[] {
  return Array.from(sight.rows.values()).filter(
    ({ account_id: keyId, client_id: clientId, state, due_at: dueAt, deadline_at: deadlineAt }) =>
      keyId === id &&
      state === 'queued' &&
      dueAt === null &&
      deadlineAt > sight.relayNow &&
      hasRoom(sight, clientId),
  );
}

/** Below its `max_active_tasks`; what upstream failed may run there all the same. */
function hasRoom({ rows, abandoned, activeLimits, relayNow }: Sight, clientId: string): boolean {
  const isActive = (row: Row) => row.client_id === clientId && !isEnded(row) && row.due_at !== null;
  const active = Array.from(rows.values()).filter(isActive).length;
  const left = abandoned.filter(({ client_id: id, until }) => id === clientId && until > relayNow).length;
  return active + left < (activeLimits.get(clientId) ?? Infinity);
}

/** Where there is no doubt: below what the key is known to run, or nothing known and nothing asked. */
function hasFreeSlot(sight: Sight, key: KeyRow): boolean {
  const { rows, abandoned, relayNow } = sight;
  if (key.submit_paused_until > relayNow || key.failing_until > relayNow) return false;
  const own = Array.from(rows.values()).filter((row) => row.account_id === key.id && !isEnded(row));
  const asked = own.filter(({ state }) => state === 'accepting').length;
  const running = own.filter(isRunning).length;
  const left = abandoned.filter(({ account_id: id, until }) => id === key.id && until > relayNow).length;
  if (key.failing_until > 0) return asked === 0;
  if (key.active_limit !== null) return asked + running + left < key.active_limit;
  return asked === 0 && key.refused_at === null;
}

function lastAsked({ rows, ledger }: Sight, keyId: string): number {
  const own = Array.from(rows.values()).filter(({ account_id: id }) => id === keyId);
  return Math.max(0, ...own.map(({ id }) => ledger.submittedAt.get(id) ?? 0));
}

export const dueTasksAreLookedAt: Invariant = {
  name: 'a task with a clock is looked at when that says so, and none outlives its deadline',
  inTheCalm: (sight) =>
    sight.plan.subrequestBudget < PLENTY_OF_REQUESTS
      ? null
      : firstOf(sight.rows.values(), (row) => {
          if (isEnded(row)) return null;
          const { submit_paused_until: submits = 0, poll_paused_until: polls = 0 } =
            sight.keys.get(row.account_id) ?? {};
          // A running task has its polls in memory, and what waits in a queue has only its deadline.
          const hasClock = row.state !== 'running' && row.due_at !== null;
          const clock = hasClock ? Math.max(row.due_at ?? 0, submits) : Infinity;
          const at = trueTime(sight, Math.min(clock, Math.max(row.deadline_at, polls)));
          const spare =
            ASKED_WITHIN_MS +
            ANSWERED_WITHIN_MS +
            paceMs(sight, row.account_id, sight.keys.get(row.account_id));
          const late = sight.trueNow - Math.max(at, startOf(sight)) - lookMs(sight) - spare;
          return late <= 0 ? null : `${row.id} is ${row.state}, and was to be looked at ${late} ms ago`;
        }),
};

export const dueDeliveriesGo: Invariant = {
  name: 'a delivery is tried within 60 s of its time or of its receiver’s first answer, a silent receiver every five minutes',
  inTheCalm: (sight) => {
    if (sight.plan.subrequestBudget < ENOUGH_FOR_DELIVERIES) return null;
    const pending = Array.from(sight.deliveries.values()).filter(({ state }) => state === 'pending');
    const lanes = Map.groupBy(pending, ({ client_id: clientId, host }) => `${clientId} ${host}`);
    return firstOf(lanes.values(), (lane) => problemOfLane(sight, lane));
  },
};

function problemOfLane(sight: Sight, lane: readonly DeliveryRow[]): string | null {
  const [first] = lane;
  if (first === undefined) return null;
  const { client_id: clientId, host } = first;
  const ofClient = sight.ledger.sends.filter((send) => sight.rows.get(send.taskId)?.client_id === clientId);
  const sends = ofClient.filter(({ url }) => new URL(url).host === host);
  const ended = sends
    .filter(({ endedAt }) => endedAt !== null)
    .sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
  if (ended.at(-1)?.status === null) {
    const late = unprobedMs(sight, lane, sends);
    return late <= 0
      ? null
      : `${host}, which is silent, was not tried for ${clientId} for ${late} ms more than it may`;
  }
  const silentAt = ended.findLast(({ status }) => status === null)?.endedAt ?? 0;
  const recoveredAt =
    ended.find(({ status, endedAt }) => status !== null && (endedAt ?? 0) > silentAt)?.endedAt ?? 0;
  return firstOf(lane, (delivery) => {
    const waitsSince = Math.max(startOf(sight), recoveredAt, wantedAt(sight, delivery, recoveredAt));
    const before = sends.filter(({ sentAt }) => sentAt >= waitsSince).length;
    const busy = busyMs(ofClient, waitsSince, sight.trueNow) + ticksMs(sight, before);
    const spare = busy + DELIVERED_WITHIN_MS + lookMs(sight);
    const late = sight.trueNow - waitsSince - spare;
    return late <= 0 ? null : `${delivery.id} to ${host}, which answers, is ${late} ms later than it may be`;
  });
}

/** How many runs those take that went before it. */
function ticksMs({ plan }: Sight, deliveries: number): number {
  if (Number(plan.vars['TICK_SECONDS']) > SHORT_TICK_SECONDS) return 0;
  return Math.floor(deliveries / CALLS_OF_SHORT_TICK) * MINUTE_MS;
}

/** How much longer than it may be a silent receiver has been left alone. */
function unprobedMs(sight: Sight, lane: readonly DeliveryRow[], sends: readonly Send[]): number {
  const isUnderWay = sends.some(({ endedAt, by }) => endedAt === null && !by.dead);
  if (isUnderWay) return 0;
  // Who was answered before has a time of its own, which a receiver may have asked for.
  const waiting = lane.filter(({ last_status: status }) => status === null);
  const waitsSince = trueTime(sight, Math.min(...waiting.map(({ created_at: at }) => at)));
  const lastAt = Math.max(
    startOf(sight),
    waitsSince,
    ...sends.map(({ sentAt, endedAt }) => endedAt ?? sentAt),
  );
  // One silent receiver of a client at a time: a hanging one takes a whole short run.
  const isShort = Number(sight.plan.vars['TICK_SECONDS']) <= SHORT_TICK_SECONDS;
  const within = isShort ? 3 * PROBED_WITHIN_MS : PROBED_WITHIN_MS;
  return sight.trueNow - lastAt - within - DELIVERED_WITHIN_MS - lookMs(sight);
}

/** By its own schedule; or when its receiver answered, if the last attempt met silence before that. In true time. */
function wantedAt(sight: Sight, delivery: DeliveryRow, recoveredAt: number): number {
  const own = trueTime(sight, delivery.due_at ?? 0);
  const lastAt = trueTime(sight, delivery.last_attempt_at ?? 0);
  const waited = delivery.attempts > 0 && delivery.last_status === null && lastAt < recoveredAt;
  return waited && recoveredAt > startOf(sight) ? Math.min(own, recoveredAt) : own;
}

/** How long callbacks of the client that take long have had its place for slow ones. */
function busyMs(sends: readonly Send[], from: number, until: number): number {
  const lengths = sends.map(({ sentAt, endedAt, by }) => {
    const end = endedAt ?? (by.dead ? sentAt : until);
    return end - sentAt < SLOW_MS ? 0 : Math.max(0, Math.min(end, until) - Math.max(sentAt, from));
  });
  return lengths.reduce((sum, ms) => sum + ms, 0);
}

import type { CallSlots } from '../domain/schedule/receiver-lanes.ts';
import { SLOTS_AHEAD_MS, slotsUntil } from '../domain/schedule/slots.ts';
import type { WantedCalls, WantedPolls } from '../domain/schedule/wants.ts';
import type { PollSlots } from '../domain/schedule/key-lanes.ts';
import type { Abandoned, UpstreamKey } from '../domain/upstream-key.ts';
import { CLOCKED_PAIRS } from './fetch-pairs.ts';
import { keyOf } from './fetch-tasks.ts';
import { CLOCKED, KEY_JSON } from './lane-rules.ts';

/** Abandoned tasks are looked at a few at a time: nobody waits for them but their clients' next tasks. */
const LEASE_ABANDONED = `update abandoned set leased_until = ?2 where (account_id, upstream_task_id) in (
    select account_id, upstream_task_id from abandoned where max(due_at, leased_until) <= ?1
    order by max(due_at, leased_until) limit 4)
  returning account_id as keyId, upstream_task_id as upstreamTaskId, client_id as clientId, until,
    (select ${KEY_JSON} from upstream_keys as k where k.id = account_id) as key_json`;

/** Hands out the next instants at which a limited key may be polled: to one invocation, and never twice. */
const GRANT_POLLS = `update upstream_keys set next_poll_at = max(next_poll_at, ?1) + (wanted.value ->> 'count') * (wanted.value ->> 'intervalMs')
  from json_each(?2) as wanted
  where upstream_keys.id = wanted.value ->> 'keyId' and next_poll_at <= ?1 + ?3
  returning upstream_keys.id as keyId, next_poll_at as until`;

/** The same for the next calls of paced receivers that may be called again. */
const GRANT_CALLS = `insert into paces (lane, next_at)
  select value ->> 'lane', ?1 + (value ->> 'count') * (value ->> 'intervalMs') from json_each(?2) where true
  on conflict (lane) do update set next_at = excluded.next_at where paces.next_at <= ?1 returning lane, next_at as until`;

/** When the next task comes due that is not due yet, or a queued one has its deadline; of each pair of key and client by one read. */
export const NEXT_TASK = `with recursive ${CLOCKED_PAIRS}
  select min(at) as at from (
    select (select min(max(due_at, leased_until)) from tasks where ${CLOCKED} and account_id = key_id
      and tasks.client_id = pairs.client_id and max(due_at, leased_until) > ?1) as at from pairs
    union all select min(deadline_at) from tasks where state = 'queued' and due_at is null and deadline_at > ?1)`;

/** Of these keys, those that somebody paused. */
const PAUSED = `select ${KEY_JSON} as key_json from json_each(?2) join upstream_keys as k on k.id = value where k.poll_paused_until > ?1`;

export function leaseAbandoned(db: D1Database, now: number, lease: number): D1PreparedStatement {
  return db.prepare(LEASE_ABANDONED).bind(now, lease);
}

export function grantPolls(db: D1Database, wanted: readonly WantedPolls[], now: number): D1PreparedStatement {
  return db.prepare(GRANT_POLLS).bind(now, JSON.stringify(wanted), SLOTS_AHEAD_MS);
}

export function grantCalls(db: D1Database, wanted: readonly WantedCalls[], now: number): D1PreparedStatement {
  return db.prepare(GRANT_CALLS).bind(now, JSON.stringify(wanted));
}

/** What pauses of polls others have met: of keys that are polled from memory. */
export function pausedAmong(db: D1Database, keyIds: readonly string[], now: number): D1PreparedStatement {
  return db.prepare(PAUSED).bind(now, JSON.stringify(keyIds));
}

/** A row of `leaseAbandoned`. */
export function abandonedOf({ key_json: json, ...abandoned }: Abandoned & { key_json: string | null }): {
  abandoned: Abandoned;
  key: UpstreamKey | null;
} {
  return { abandoned, key: keyOf(json) };
}

/** What a row of `grantPolls` grants. */
export function pollSlotsOf(
  { keyId, until }: { keyId: string; until: number },
  wanted: readonly WantedPolls[],
): PollSlots | null {
  const asked = wanted.find((one) => one.keyId === keyId);
  return asked === undefined ? null : { keyId, ...slotsUntil(until, asked) };
}

/** What a row of `grantCalls` grants. */
export function callSlotsOf(
  { lane, until }: { lane: string; until: number },
  wanted: readonly WantedCalls[],
): CallSlots | null {
  const asked = wanted.find((one) => one.lane === lane);
  return asked === undefined ? null : { lane, ...slotsUntil(until, asked) };
}

import {
  ENDS_PER_PROBE,
  FULL_OF_OTHERS_RETRY_MS,
  PACE_KEPT_MS,
  PROBE_AFTER_MS,
} from '../domain/upstream-key.ts';

/* Rules that hold where a task is stored and where one is fetched from the queue: SQL, and written once. `?1` is now. */

/** As the index `tasks_due` has it: what has a clock. */
export const CLOCKED = 'due_at is not null and completed_at is null';
/** As the index `tasks_queued` has it: those that wait for their upstream key, without a clock. */
export const QUEUED = `state = 'queued' and due_at is null and queue_reason <> 'own-limit'`;
/** As the index `tasks_own_limit` has it: those that wait for their client's `max_active_tasks`. */
export const OWN_LIMIT = `state = 'queued' and due_at is null and queue_reason = 'own-limit'`;
/** As the index `tasks_active` has it, but for what upstream has ended already: what counts against `max_active_tasks`. */
export const ACTIVE = `is_limited = 1 and completed_at is null and state in ('accepting', 'running') and keeping is null`;

/** More than this of a key is not counted: nobody's limit is higher. */
const COUNTED = 1_000;

/** Tasks of a key that upstream runs or is asked for at the moment, those that ended here before too; as far as its limit asks. */
const IN_HAND = `(select count(*) from (select 1 from tasks
      where account_id = k.id and ${CLOCKED} and state <> 'queued' and keeping is null limit ${COUNTED}))
    + (select count(*) from abandoned where account_id = k.id and until > ?1)`;

/**
 * How many tasks more upstream may be asked for at `?1`, of a row of `upstream_keys` named `k`: as many as it is known to take; one, to
 * try whether that has grown; of a key that has refused none yet, as many as there is time for. A key that does not answer properly
 * is asked for one at a time, and so is one whose slots somebody else holds.
 */
export const SLOTS = `case
    when k.submit_paused_until > ?1 then 0
    when k.failing_until > 0 then 1
    when k.active_limit is not null then (select case
        when in_hand < k.active_limit then k.active_limit - in_hand
        when in_hand = k.active_limit and k.ended_since_refusal >= ${ENDS_PER_PROBE} and ?1 - k.refused_at >= ${PROBE_AFTER_MS} then 1
        else 0 end from (select ${IN_HAND} as in_hand))
    when k.refused_at > ?1 - ${FULL_OF_OTHERS_RETRY_MS} then 0
    when k.refused_at is not null then 1
    else ${COUNTED} end`;

/**
 * Whether anything is known that keeps a key from taking more: then who comes waits behind who is here. A key of which nothing is
 * known is asked by each as soon as there is time.
 */
export const HAS_LIMIT = `(k.active_limit is not null or k.refused_at is not null or k.failing_until > 0)`;

/**
 * How many tasks more of a client may be active: many, where it has no `max_active_tasks`. What upstream failed, and is asked for
 * again by its own clock, keeps its place: upstream may have made it.
 */
export function roomOf(clientId: string): string {
  return `coalesce((select max_active_tasks from clients where id = ${clientId})
    - (select count(*) from tasks where client_id = ${clientId} and ${ACTIVE})
    - (select count(*) from tasks where account_id = (select account_id from clients where id = ${clientId})
      and client_id = ${clientId} and ${CLOCKED} and state = 'queued')
    - (select count(*) from abandoned where client_id = ${clientId} and until > ?1), ${COUNTED})`;
}

/** An upstream key as the engine knows it, of a row of `upstream_keys` named `k`, as JSON. */
export const KEY_JSON = `json_object('id', k.id, 'sealedKey', k.sealed_key, 'pollPausedUntil', k.poll_paused_until,
  'pollIntervalMs', case when k.poll_limited_at > ?1 - ${PACE_KEPT_MS} then k.poll_interval_ms end,
  'activeLimit', k.active_limit, 'isFailing', k.failing_until > 0, 'troubledSince', k.troubled_since,
  'isExhausted', k.exhausted_at is not null)`;

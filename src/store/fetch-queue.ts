import { LEASED_COLUMNS } from './fetch-tasks.ts';
import { CLOCKED, OWN_LIMIT, QUEUED, roomOf, SLOTS } from './lane-rules.ts';

/** So many of one client's queue are looked at: no more of them can go, by what is asked for and by the free slots of their keys. */
const OF_CLIENT = `min(?2, (select coalesce(max(slots), 0) from keys_in))`;

/** A key that does not answer properly is asked for one more only when nobody is asking it. */
const PROBES = `iif(k.failing_until > 0 and exists (
    select 1 from tasks where account_id = k.id and ${CLOCKED} and state = 'accepting'), 0, ${SLOTS})`;

/**
 * The queue, asked as a query: of each upstream key with free slots, and of each client with room, the oldest tasks; the client
 * with the least in hand first, and of those with as much the one after the client that was served last. What waits for nothing
 * but its turn is in no order of its own, so nothing has to be woken. Where no key has a free slot, nobody's tasks are read; what waits
 * for one without takes nobody's room.
 *
 * Example: a key with 3 free slots, of which client A runs 2 and has 50 waiting, and B runs none and has 2 waiting. A's first
 * counts as its third and B's two as its first and second: B's two go, and A's oldest.
 */
const LEASE_QUEUED = `with recursive
  keys (id) as (
    select min(account_id) from tasks where ${QUEUED} union all
    select (select min(account_id) from tasks where ${QUEUED} and account_id > keys.id) from keys where keys.id is not null),
  own (client_id) as (
    select min(client_id) from tasks where ${OWN_LIMIT} union all
    select (select min(client_id) from tasks where ${OWN_LIMIT} and client_id > own.client_id) from own
      where own.client_id is not null),
  of_own (id, key_id, client_id) as materialized (
    select tasks.id, tasks.account_id, own.client_id from own join tasks on tasks.id in (
      select id from tasks where ${OWN_LIMIT} and client_id = own.client_id order by id limit ?2)),
  keys_in (id, slots, served) as materialized (
    select k.id, ${PROBES}, coalesce(served_client_id, '') from upstream_keys as k
    where k.id in (select id from keys union select key_id from of_own) and k.failing_until <= ?1),
  turns (key_id, client_id) as (
    select id, (select min(client_id) from tasks where ${QUEUED} and account_id = keys.id) from keys
      where id is not null and exists (select 1 from keys_in where slots > 0) union all
    select key_id, (select min(client_id) from tasks where ${QUEUED} and account_id = key_id and client_id > turns.client_id)
      from turns where client_id is not null),
  waiting (id, key_id, client_id) as (
    select tasks.id, key_id, turns.client_id from turns join tasks on tasks.id in (
      select id from tasks where ${QUEUED} and account_id = turns.key_id and client_id = turns.client_id
      order by id limit ${OF_CLIENT})
    union all select * from of_own),
  clients_in (key_id, client_id, room, in_hand) as materialized (
    select key_id, client_id, ${roomOf('pair.client_id')},
      (select count(*) from tasks where account_id = key_id and client_id = pair.client_id and ${CLOCKED} and state <> 'queued')
    from (select distinct key_id, client_id from waiting) as pair
    where not exists (select 1 from clients where id = pair.client_id and revoked_at is not null)),
  of_clients (id, key_id, client_id, nth, room, in_hand) as (
    select waiting.id, waiting.key_id, waiting.client_id, row_number() over (partition by waiting.client_id order by waiting.id),
      room, in_hand
    from waiting join clients_in using (key_id, client_id) join keys_in on keys_in.id = waiting.key_id and slots > 0),
  ranked (id, place, slots) as (
    select of_clients.id, row_number() over (partition by key_id
      order by nth + in_hand, client_id <= served, client_id, of_clients.id), slots
    from of_clients join keys_in on keys_in.id = key_id where nth <= room)
  update tasks set state = 'accepting', due_at = ?1, leased_until = ?3
  where id in (select id from ranked where place <= slots order by place limit ?2)
  returning ${LEASED_COLUMNS}`;

/** Whether anybody waits: for the upstream key, or for the client's own limit. */
export const ANY_QUEUED = `exists (select 1 from tasks where state = 'queued' and due_at is null)`;

/** Leases queued tasks for which there are slots, at most `most`. */
export function leaseQueued(
  db: D1Database,
  { now, most, submitLease }: { now: number; most: number; submitLease: number },
): D1PreparedStatement {
  return db.prepare(LEASE_QUEUED).bind(now, most, submitLease);
}

import { parkedUntil } from '../domain/host-health.ts';
import type { HostHealth } from '../domain/host-health.ts';
import { KEEP_HOSTS } from './host-row.ts';

/**
 * Callbacks to a host whose breaker has opened stand aside, so that no look reads them. Those that are claimed too: their own
 * clock is the end of their claim then.
 */
const PARK = `update tasks set parked_due_at = coalesce(parked_due_at, due_at), due_at = opened.value ->> 'parkedUntil'
  from json_each(?1) as opened
  where (completed_at is not null) = 1 and due_at is not null and due_at < ?2
    and callback_host = opened.value ->> 'host' and callback_state = 'pending'`;

const UNPARKED = `set due_at = parked_due_at, parked_due_at = null
  where parked_due_at is not null and due_at is not null`;

/** One of each stays due: the first that is tried when the breaker lets one through. */
const KEEP_FIRST = `update tasks ${UNPARKED} and id in (
  select (select id from tasks where callback_host = opened.value ->> 'host' and parked_due_at is not null
      and due_at is not null order by parked_due_at limit 1)
    from json_each(?1) as opened)`;

/** The host answers: its callbacks are due when they would have been. */
const UNPARK = `update tasks ${UNPARKED} and callback_host in (select value from json_each(?1))`;

/** Keeps what was learned of hosts, and has their callbacks stand aside, or be due again. After the settlements. */
export function hostStatements(
  db: D1Database,
  hosts: ReadonlyMap<string, HostHealth>,
  now: number,
): D1PreparedStatement[] {
  if (hosts.size === 0) return [];
  const known = Array.from(hosts);
  const opened = known.flatMap(([host, health]) =>
    health.openUntil !== null && health.openUntil > now
      ? [{ host, openUntil: health.openUntil, parkedUntil: parkedUntil(health, now) }]
      : [],
  );
  const answering = known.flatMap(([host, { silences }]) => (silences === 0 ? [host] : []));
  const latest = Math.max(...opened.map(({ openUntil }) => openUntil));
  return [
    db.prepare(KEEP_HOSTS).bind(JSON.stringify(known)),
    ...(opened.length === 0
      ? []
      : [
          db.prepare(PARK).bind(JSON.stringify(opened), latest),
          db.prepare(KEEP_FIRST).bind(JSON.stringify(opened)),
        ]),
    ...(answering.length === 0 ? [] : [db.prepare(UNPARK).bind(JSON.stringify(answering))]),
  ];
}

import type { TaskChange } from '../domain/outcome.ts';
import { ALERTS, eventIdOf } from '../domain/events/event.ts';
import type { EventType } from '../domain/events/event.ts';
import { OPERATOR } from '../domain/subscription.ts';
import { isEnded, isRunning } from '../domain/task.ts';
import { CLIENT_JSON } from './client-row.ts';
import { HEALTH_JSON } from './receiver-row.ts';
import { SUBSCRIPTION_JSON } from './subscription-row.ts';

/** Whether a subscription `s` hears of `happened`, which has an owner, an event, a model (or null) and when it was recorded. */
const HEARS = `s.client_id in (happened.client_id, '${OPERATOR}') and s.state = 'active'
  and s.active_since <= happened.recorded_at
  and exists (select 1 from json_each(s.events) where value = happened.event)
  and (s.models is null or happened.model is null or exists (select 1 from json_each(s.models) where value = happened.model))`;

/** The id of what tells `happened` to `s`: however often it is written, it is one delivery. */
const MESSAGE_ID = `'msg_' || substr(happened.event_id, 5) || '_sub_' || substr(s.id, 5)`;

/** To a receiver that answers in good time so many are leased at once, and one to any other; as a look does it. */
const MAX_OF_PAIR = 12;

/**
 * What happened to tasks, told to each subscription that is for it. As many as the writer has room for (`?4`) are leased to it until
 * `?3`, but none to a receiver whose breaker is open, or of which it has enough (`?5`). `?2` is now.
 */
const TELL_TASKS = `with happened as (
    select new.value ->> 'eventId' as event_id, tasks.id as task_id, tasks.client_id, new.value ->> 'event' as event, tasks.model,
      iif(tasks.state = 'running', tasks.submitted_at, tasks.recorded_at) as recorded_at,
      coalesce(tasks.completed_at, tasks.submitted_at) as occurred_at
    from json_each(?1) as new join tasks on tasks.id = new.value ->> 'taskId'
    where tasks.revision = new.value ->> 'revision' and 'task.' || tasks.state = new.value ->> 'event'),
  told as (
    select ${MESSAGE_ID} as id, happened.*, s.id as subscription_id, s.client_id as owner, s.url, s.host,
      row_number() over (partition by s.client_id, s.host order by happened.event_id, s.id) as nth_of_pair,
      iif(coalesce(r.silences, 1) = 0 and r.is_slow = 0, ${MAX_OF_PAIR}, 1) as most,
      coalesce(r.open_until, 0) > ?2 or exists (
        select 1 from json_each(?5) where value ->> 0 = s.client_id and coalesce(value ->> 1, s.host) = s.host) as waits
    from happened join subscriptions as s on ${HEARS}
    left join receivers as r on r.host = s.host and r.client_id = s.client_id),
  placed as (select *, row_number() over (order by waits, nth_of_pair > most, nth_of_pair, id) as place from told)
  insert into deliveries (id, task_id, client_id, kind, subscription_id, event, url, host, created_at, occurred_at, revision,
    due_at, leased_until, state)
  select id, task_id, owner, 'subscription', subscription_id, event, url, host, ?2, occurred_at, 0, ?2,
    iif(waits or nth_of_pair > most or place > ?4, 0, ?3), 'pending'
  from placed where true on conflict do nothing returning id`;

/** Those that stand leased as this writing leases them, with all that it takes to send them but their tasks. */
const LEASED = `select d.*, (select ${CLIENT_JSON} from clients as c where c.id = d.client_id) as client_json,
    (select ${SUBSCRIPTION_JSON} from subscriptions as s where s.id = d.subscription_id) as subscription_json,
    ${HEALTH_JSON} as receiver_json
  from json_each(?1) as new join deliveries as d
    on d.id >= 'msg_' || substr(new.value ->> 'eventId', 5) || '_sub_' and d.id < 'msg_' || substr(new.value ->> 'eventId', 5) || '_sub_~'
  left join receivers as r on r.host = d.host and r.client_id = d.client_id
  where d.revision = 0 and d.attempts = 0 and d.leased_until > 0 and d.leased_until = ?2`;

const IN_ALERTS = ALERTS.map((type) => `'${type}'`).join(', ');

/** The same for what stands in `events`, recorded at `?1` in this transaction; none is leased: it is rare. */
const TELL_RECORDED = `with happened as (
    select e.id as event_id, e.task_id, iif(e.type in (${IN_ALERTS}), null, e.client_id) as client_id, e.type as event,
      (select model from tasks where id = e.task_id) as model, e.recorded_at, e.about
    from events as e where e.recorded_at = ?1)
  insert into deliveries (id, task_id, client_id, kind, subscription_id, event, url, host, about, created_at, occurred_at, revision,
    due_at, state)
  select ${MESSAGE_ID}, coalesce(happened.task_id, ''), s.client_id, 'subscription', s.id, happened.event, s.url, s.host, happened.about,
    ?1, happened.recorded_at, 0, ?1, 'pending'
  from happened join subscriptions as s on ${HEARS} where true on conflict do nothing`;

/** What of subscriptions' deliveries a writer takes at once. Instants are epoch ms. */
export interface Taking {
  /** Until when they are leased to it. */
  readonly lease: number;
  readonly most: number;
  /** Pairs of client and host that take nothing more at the moment; with null for the host, clients. */
  readonly full: readonly (readonly [string, string | null])[];
}

/** What begins or ends by these changes, as subscriptions hear of it. */
export function happenings(changes: readonly TaskChange[]) {
  return changes.flatMap(({ task, otherwise }) => {
    // Upstream has just taken it: of no other change to a running task an alternative is written.
    const begins = isRunning(task) && otherwise !== undefined;
    if (!begins && !isEnded(task)) return [];
    const event: EventType = isEnded(task) ? `task.${task.phase.state}` : 'task.running';
    const eventId = eventIdOf(task.id, begins ? 'running' : 'ended');
    return [{ taskId: task.id, revision: task.revision, event, eventId }];
  });
}

/** Tells what happened to tasks, behind its writing; and which of it is leased to the writer. */
export function tellStatements(
  db: D1Database,
  happened: ReturnType<typeof happenings>,
  now: number,
  taking: Taking | null,
): D1PreparedStatement[] {
  if (happened.length === 0) return [];
  const rows = JSON.stringify(happened);
  const { lease, most, full } = taking ?? { lease: 0, most: 0, full: [] };
  return [
    db.prepare(TELL_TASKS).bind(rows, now, lease, most, JSON.stringify(full)),
    ...(most > 0 ? [db.prepare(LEASED).bind(rows, lease)] : []),
  ];
}

/** Tells what was written into `events` in this transaction, as of `now`. */
export function tellRecorded(db: D1Database, now: number): D1PreparedStatement {
  return db.prepare(TELL_RECORDED).bind(now);
}

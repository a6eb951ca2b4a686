import type { Followed, Outcome, Release } from '../domain/outcome.ts';
import type { ReceiverSight } from '../domain/schedule/receiver-lanes.ts';
import type { KeyLesson } from '../domain/upstream-key.ts';

/** The newest sight wins: it is a hint, not an account. */
const KEEP_RECEIVERS = `insert into receivers
  (host, client_id, answered_at, silences, silent_since, open_until, openings, is_slow, recovered_at, observed_at)
  select value ->> 'host', value ->> 'clientId', value ->> '$.health.answeredAt', value ->> '$.health.silences',
    value ->> '$.health.silentSince', value ->> '$.health.openUntil', value ->> '$.health.openings', value ->> '$.health.isSlow',
    value ->> '$.health.recoveredAt', value ->> '$.health.observedAt'
  from json_each(?1) where true
  on conflict (host, client_id) do update set answered_at = excluded.answered_at, silences = excluded.silences,
    silent_since = excluded.silent_since, open_until = excluded.open_until, openings = excluded.openings,
    is_slow = excluded.is_slow, recovered_at = excluded.recovered_at, observed_at = excluded.observed_at
  where excluded.observed_at >= receivers.observed_at`;

/** Behind the settlements: what runs is counted with them. */
const RUNNING = `(select count(*) from tasks where account_id = ?1 and due_at is not null and completed_at is null and state = 'running'
  and keeping is null)`;

const LESSONS = {
  'submits-paused': `update upstream_keys set submit_paused_until = max(submit_paused_until, ?2) where id = ?1`,
  'polls-paused': `update upstream_keys set poll_paused_until = max(poll_paused_until, ?2),
    poll_limited_at = ?4, poll_interval_ms = coalesce(?3, poll_interval_ms) where id = ?1`,
  refused: `update upstream_keys set active_limit = nullif(${RUNNING}, 0), refused_at = ?2, ended_since_refusal = 0 where id = ?1`,
  // A refusal that overtook the writing of what upstream took counted too few; what runs counts more.
  taken: `update upstream_keys set active_limit = ${RUNNING}
    where id = ?1 and active_limit is not null and active_limit < ${RUNNING}`,
  served: `update upstream_keys set served_client_id = ?2 where id = ?1`,
  failing: `update upstream_keys set failing_until = ?2 where id = ?1 and failing_until <= ?3`,
  answered: `update upstream_keys set failing_until = 0 where id = ?1 and failing_until > 0`,
} as const satisfies Partial<Record<KeyLesson['what'], string>>;

/** Upstream runs it: it is followed where no task of ours runs by that id. */
const ABANDON = `insert into abandoned (account_id, upstream_task_id, client_id, until, due_at)
  select v.value ->> 'keyId', v.value ->> 'upstreamTaskId', v.value ->> 'clientId', v.value ->> 'until', v.value ->> 'dueAt'
  from json_each(?1) as v where not exists (
    select 1 from tasks where account_id = v.value ->> 'keyId' and upstream_task_id = v.value ->> 'upstreamTaskId' and state = 'running')
  on conflict do nothing`;

const FOLLOWED = `update abandoned set due_at = v.value ->> 'dueAt', leased_until = 0 from json_each(?1) as v
  where abandoned.account_id = v.value ->> 'keyId' and abandoned.upstream_task_id = v.value ->> 'upstreamTaskId'`;
const OVER = `delete from abandoned where (account_id, upstream_task_id) in (
  select value ->> 'keyId', value ->> 'upstreamTaskId' from json_each(?1))`;

const RELEASE = {
  task: `update tasks set leased_until = iif(v.value ->> 'toQueue', 0, v.value ->> 'at'),
      state = iif(v.value ->> 'toQueue', 'queued', state), due_at = iif(v.value ->> 'toQueue', null, due_at)
    from json_each(?1) as v
    where tasks.id = v.value ->> 'id' and tasks.leased_until = v.value ->> 'leasedUntil'`,
  delivery: `update deliveries set leased_until = v.value ->> 'at' from json_each(?1) as v
    where deliveries.id = v.value ->> 'id' and deliveries.leased_until = v.value ->> 'leasedUntil'`,
} as const satisfies Record<Release['of'], string>;

/** What was learned of receivers' hosts. */
export function receiverStatements(db: D1Database, sights: readonly ReceiverSight[]): D1PreparedStatement[] {
  return sights.length === 0 ? [] : [db.prepare(KEEP_RECEIVERS).bind(JSON.stringify(sights))];
}

/** What was learned of upstream keys; of several alike, once. */
export function lessonStatements(db: D1Database, lessons: readonly KeyLesson[]): D1PreparedStatement[] {
  const latest = new Map(lessons.map((lesson) => [`${lesson.keyId} ${lesson.what}`, lesson]));
  return Array.from(latest.values()).flatMap((lesson) => {
    const values = valuesOf(lesson);
    return values === null ? [] : [db.prepare(LESSONS[values.what]).bind(lesson.keyId, ...values.of)];
  });
}

/** What a lesson's statement is bound to besides the key; null for what is no lane's (alerts). */
function valuesOf(
  lesson: KeyLesson,
): { readonly what: keyof typeof LESSONS; readonly of: readonly (number | string | null)[] } | null {
  switch (lesson.what) {
    case 'submits-paused':
      return { what: lesson.what, of: [lesson.until] };
    case 'polls-paused':
      return { what: lesson.what, of: [lesson.until, lesson.intervalMs, lesson.at] };
    case 'refused':
      return { what: lesson.what, of: [lesson.at] };
    case 'served':
      return { what: lesson.what, of: [lesson.clientId] };
    case 'failing':
      return { what: lesson.what, of: [lesson.until, lesson.at] };
    case 'taken':
    case 'answered':
      return { what: lesson.what, of: [] };
    case 'troubled':
    case 'untroubled':
    case 'exhausted':
    case 'credited':
      return null;
  }
}

/** Tasks that upstream runs for nobody any more. */
export function abandonedStatements(db: D1Database, outcomes: readonly Outcome[]): D1PreparedStatement[] {
  const running = outcomes.flatMap(({ running: one }) =>
    one === undefined ? [] : [{ ...one.abandoned, dueAt: one.dueAt }],
  );
  const followed = outcomes.flatMap((outcome) => outcome.followed ?? []);
  const of = (isOver: boolean) => followed.filter((one: Followed) => one.isOver === isOver);
  return [
    ...(running.length > 0 ? [db.prepare(ABANDON).bind(JSON.stringify(running))] : []),
    ...(of(false).length > 0 ? [db.prepare(FOLLOWED).bind(asRows(of(false)))] : []),
    ...(of(true).length > 0 ? [db.prepare(OVER).bind(asRows(of(true)))] : []),
  ];
}

function asRows(ones: readonly Followed[]): string {
  return JSON.stringify(ones.map(({ abandoned, dueAt }) => ({ ...abandoned, dueAt })));
}

/** Leases that nobody acted under. */
export function releaseStatements(db: D1Database, releases: readonly Release[]): D1PreparedStatement[] {
  return (['task', 'delivery'] as const).flatMap((of) => {
    const ones = releases.filter((release) => release.of === of);
    return ones.length === 0 ? [] : [db.prepare(RELEASE[of]).bind(JSON.stringify(ones))];
  });
}

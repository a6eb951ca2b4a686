import type { DeliveryChange } from '../domain/outcome.ts';
import type { ReceiverSight } from '../domain/schedule/receiver-lanes.ts';
import { OPERATOR } from '../domain/subscription.ts';
import type { KeyLesson } from '../domain/upstream-key.ts';
import { CLOCKED, QUEUED } from './lane-rules.ts';
import { tellRecorded } from './tell-subscribers.ts';

/** What flaps is told no more often. */
const TOLD_EVERY_MS = 600_000;
/** Upstream fails when no call of a key was answered properly for so long; and at once where it refuses the key. */
const TROUBLED_MS = 30_000;
/** What waits is counted up to here. */
const COUNTED = 10_000;

const NEW_ID = `'evt_' || lower(hex(randomblob(16)))`;
const INSERT = 'insert into events (id, client_id, task_id, type, recorded_at, about)';

/** Of a row of `receivers` named `r`; `?2` is now. What an operator's own subscriptions meet is no news. */
const IS_DEAD = `r.openings > 0 and r.told_since is null and coalesce(r.told_at, 0) <= ?2 - ${TOLD_EVERY_MS}
  and r.client_id <> '${OPERATOR}'`;
const IS_BACK = 'r.silences = 0 and r.told_since is not null';
const AMONG_SIGHTS = `(select 1 from json_each(?1) where value ->> 'host' = r.host and value ->> 'clientId' = r.client_id)`;

const receiverEvent = (type: string, since: string, test: string) => `${INSERT}
  select ${NEW_ID}, r.client_id, null, '${type}', ?2, json_object('clientId', r.client_id, 'host', r.host, 'since', ${since},
    'pending', (select count(*) from (select 1 from deliveries
      where state = 'pending' and client_id = r.client_id and host = r.host limit ${COUNTED})))
  from json_each(?1) as seen join receivers as r on r.host = seen.value ->> 'host' and r.client_id = seen.value ->> 'clientId'
  where ${test}`;

/** Each event is written on the condition that the next statement takes away: once, however often the transaction is tried. */
const RECEIVERS = [
  receiverEvent('receiver.failing', 'r.silent_since', IS_DEAD),
  `update receivers as r set told_since = silent_since, told_at = ?2 where exists ${AMONG_SIGHTS} and ${IS_DEAD}`,
  receiverEvent('receiver.recovered', 'r.told_since', IS_BACK),
  `update receivers as r set told_since = null where exists ${AMONG_SIGHTS} and ${IS_BACK} and ?2 > 0`,
] as const;

const WAITING = `(select count(*) from (select 1 from tasks where account_id = k.id and ${QUEUED} limit ${COUNTED}))
  + (select count(*) from (select 1 from tasks where account_id = k.id and ${CLOCKED} and state <> 'running' limit ${COUNTED}))`;
/** Of a row of `upstream_keys` named `k`; `?2` is now, `?3` whether upstream refuses the key. */
const IS_FAILING = `k.id = ?1 and k.troubled_since is not null and k.told_since is null
  and (?3 or k.troubled_since <= ?2 - ${TROUBLED_MS}) and coalesce(k.told_at, 0) <= ?2 - ${TOLD_EVERY_MS}`;

const keyEvent = (type: string, figures: string, test: string) => `${INSERT}
  select ${NEW_ID}, null, null, '${type}', ?2, json_object('clientId', null, 'account_id', k.id${figures})
  from upstream_keys as k where ${test}`;

const TROUBLED = [
  `update upstream_keys set troubled_since = coalesce(troubled_since, ?2), trouble = ?3
    where id = ?1 and (troubled_since is null or trouble is not ?3)`,
  keyEvent(
    'upstream.failing',
    `, 'problem', k.trouble, 'since', k.troubled_since, 'queued', ${WAITING}`,
    IS_FAILING,
  ),
  `update upstream_keys as k set told_since = troubled_since, told_at = ?2 where ${IS_FAILING}`,
] as const;

const UNTROUBLED = [
  keyEvent(
    'upstream.recovered',
    `, 'problem', k.trouble, 'since', k.told_since, 'queued', ${WAITING}`,
    'k.id = ?1 and k.told_since is not null',
  ),
  `update upstream_keys set troubled_since = null, trouble = null, told_since = null where id = ?1 and troubled_since is not null`,
] as const;

const EXHAUSTED = [
  keyEvent('credits.exhausted', '', 'k.id = ?1 and k.exhausted_at is null'),
  `update upstream_keys set exhausted_at = ?2 where id = ?1 and exhausted_at is null`,
] as const;

const CREDITED = `update upstream_keys set exhausted_at = null where id = ?1 and exhausted_at is not null`;

/** A task's callback was given up, whoever wants to know. By its attempts, for one that is sent again is news of its own. */
const GIVEN_UP = `${INSERT}
  select 'evt_' || substr(d.task_id, 6) || '_givenup_' || d.attempts, d.client_id, d.task_id, 'callback.failed', ?2,
    json_object('at', ?2, 'url', d.url, 'attempts', d.attempts, 'lastStatus', d.last_status)
  from json_each(?1) as given join deliveries as d on d.id = given.value ->> 'id'
  where d.revision = given.value ->> 'revision' and d.state = 'failed'
  on conflict do nothing`;

/** What was learned and written right before, in the same transaction. */
export interface Learned {
  readonly receivers: readonly ReceiverSight[];
  readonly lessons: readonly KeyLesson[];
  readonly deliveries: readonly DeliveryChange[];
}

/** Records what of it is an event that stands in no task, and tells it. */
export function alertStatements(
  db: D1Database,
  { receivers, lessons, deliveries }: Learned,
  now: number,
): D1PreparedStatement[] {
  const given = deliveries.flatMap(({ delivery, attempt }) =>
    delivery.kind === 'callback' && delivery.state === 'failed' && attempt !== null
      ? [{ id: delivery.id, revision: delivery.revision }]
      : [],
  );
  const sights = JSON.stringify(receivers.map(({ host, clientId }) => ({ host, clientId })));
  const statements = [
    ...(given.length > 0 ? [db.prepare(GIVEN_UP).bind(JSON.stringify(given), now)] : []),
    ...(receivers.length > 0 ? RECEIVERS.map((sql) => db.prepare(sql).bind(sights, now)) : []),
    ...keyAlerts(db, lessons, now),
  ];
  return statements.length === 0 ? [] : [...statements, tellRecorded(db, now)];
}

/** Of several lessons alike about a key, the last. */
function keyAlerts(db: D1Database, lessons: readonly KeyLesson[], now: number): D1PreparedStatement[] {
  const latest = new Map(lessons.map((lesson) => [`${lesson.keyId} ${lesson.what}`, lesson]));
  return Array.from(latest.values()).flatMap((lesson) => {
    const { keyId } = lesson;
    if (lesson.what === 'troubled') {
      const [note, tell, told] = TROUBLED;
      const refused = Number(lesson.isRefused);
      return [
        db.prepare(note).bind(keyId, lesson.since, lesson.problem),
        db.prepare(tell).bind(keyId, now, refused),
        db.prepare(told).bind(keyId, now, refused),
      ];
    }
    if (lesson.what === 'untroubled')
      return [db.prepare(UNTROUBLED[0]).bind(keyId, now), db.prepare(UNTROUBLED[1]).bind(keyId)];
    if (lesson.what === 'exhausted') return EXHAUSTED.map((sql) => db.prepare(sql).bind(keyId, now));
    return lesson.what === 'credited' ? [db.prepare(CREDITED).bind(keyId)] : [];
  });
}

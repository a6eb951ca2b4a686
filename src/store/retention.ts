import { pathsOf } from '../domain/kept-files.ts';
import type { Kept } from '../domain/kept-files.ts';
import { firstAuditIdAt, firstTaskIdAt } from '../domain/ids.ts';
import { AUDIT_DAYS } from './audit.ts';
import { dayOf, daysFrom, USAGE_DAYS } from '../domain/usage.ts';
import { forgetRefusedPosts } from './refused-posts.ts';

const DAY_MS = 86_400_000;
const PURGE_BATCH = 500;

/** Whether anything about a task is still on its way. */
const IS_PENDING = `exists (select 1 from deliveries as d where d.state = 'pending'
  and d.id >= 'msg_' || substr(tasks.id, 6) and d.id < 'msg_' || substr(tasks.id, 6) || '~')`;

const PURGE = `delete from tasks where id in (
    select id from tasks where id < ?1 and completed_at < ?2 and (completed_at < ?3 or not ${IS_PENDING})
    order by id limit ?4)
  returning id, client_id as clientId, ${IS_PENDING} as isDue, kept`;

/** Which ended tasks are too old to be kept. Epoch ms. */
export interface PurgeLimits {
  readonly endedBefore: number;
  /** Those that still wait for their callback only where they ended before this. */
  readonly abandonedBefore: number;
}

/** What one batch of the purge deleted. */
export interface Purged {
  readonly deleted: number;
  /** Those whose receivers were never reached. */
  readonly abandoned: readonly { readonly id: string; readonly clientId: string }[];
  /** Their kept files. */
  readonly files: readonly string[];
  /** Whether nothing more is old enough. */
  readonly isLast: boolean;
}

interface PurgedRow {
  readonly id: string;
  readonly clientId: string;
  readonly isDue: number;
  readonly kept: string | null;
}

/** Deletes a small batch of old tasks, with their deliveries and attempt logs; its rows are for `purgedOf`. */
export function purgeStatement(
  db: D1Database,
  { endedBefore, abandonedBefore }: PurgeLimits,
): D1PreparedStatement {
  return db.prepare(PURGE).bind(firstTaskIdAt(endedBefore), endedBefore, abandonedBefore, PURGE_BATCH);
}

/** What the rows of `purgeStatement` say. */
export function purgedOf(rows: readonly PurgedRow[]): Purged {
  return {
    deleted: rows.length,
    files: rows.flatMap(({ kept }) => (kept === null ? [] : pathsOf(JSON.parse(kept) as Kept[]))),
    abandoned: rows.filter(({ isDue }) => isDue === 1),
    isLast: rows.length < PURGE_BATCH,
  };
}

const ALERTS_AT_ONCE = 500;

/** Forgets a batch of what operators were told of, with what told it; events of tasks go with their tasks. */
export function forgetAlerts(db: D1Database, recordedBefore: number): D1PreparedStatement {
  return db
    .prepare(
      `delete from events where id in (
         select id from events where task_id is null and recorded_at < ?1 order by recorded_at limit ${ALERTS_AT_ONCE})`,
    )
    .bind(recordedBefore);
}

/** Forgets refusals that nobody can wait for any more. */
export function forgetRefusals(db: D1Database, refusedBefore: number): D1PreparedStatement {
  return db.prepare('delete from refusals where refused_at < ?1').bind(refusedBefore);
}

/** Forgets what the console's inbox has kept for its hour: shown to nobody any more. */
export function forgetInbox(db: D1Database, now: number): D1PreparedStatement {
  return db.prepare('delete from inbox_callbacks where expires_at < ?1').bind(now);
}

/**
 * Forgets what no task needs any more: receivers that no callback went to for long, clients revoked for long, upstream keys
 * that no client brings, kinds of tasks that none was of, the counts of clients that are gone, and what was spent on days before
 * `spentBefore`. Reads whole tables.
 */
export function forgetUnused(
  db: D1Database,
  usedBefore: number,
  spentBefore: number,
): readonly D1PreparedStatement[] {
  return [
    db.prepare('delete from receivers where observed_at < ?1').bind(usedBefore),
    db
      .prepare(
        `delete from clients where revoked_at < ?1 and not exists (
           select 1 from tasks where tasks.client_id = clients.id)`,
      )
      .bind(usedBefore),
    db
      .prepare(
        `delete from upstream_keys where sealed_key is not null and saved_at < ?1
           and id not in (select account_id from clients)
           and not exists (select 1 from tasks where tasks.account_id = upstream_keys.id)`,
      )
      .bind(usedBefore),
    ...forgetRefusedPosts(db, usedBefore),
    db.prepare('delete from paces where next_at < ?1').bind(usedBefore),
    db.prepare('delete from abandoned where until < ?1').bind(usedBefore),
    db.prepare('delete from durations where updated_at < ?1').bind(usedBefore),
    db.prepare(`delete from client_stock where client_id not in (select id from clients)
      and not exists (select 1 from tasks where tasks.client_id = client_stock.client_id)`),
    db.prepare('delete from erased_credits where since_id < ?1').bind(firstTaskIdAt(spentBefore)),
    db.prepare('delete from audit where id < ?1').bind(firstAuditIdAt(spentBefore - AUDIT_DAYS * DAY_MS)),
    db.prepare('delete from ended_sessions where until < ?1').bind(spentBefore),
    db.prepare('delete from usage where day < ?1').bind(daysFrom(dayOf(spentBefore), -USAGE_DAYS)),
    db.prepare('delete from spent_credits where since_id < ?1').bind(firstTaskIdAt(spentBefore)),
  ];
}

/** The purge, one batch at a time. */
export function createRetentionStore(db: D1Database) {
  return {
    async purge(limits: PurgeLimits): Promise<Purged> {
      const { results } = await purgeStatement(db, limits).all<PurgedRow>();
      return purgedOf(results);
    },
  };
}

export type RetentionStore = ReturnType<typeof createRetentionStore>;

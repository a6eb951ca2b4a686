import { MAX_ACTIVE, MAX_SUBSCRIPTIONS } from '../domain/subscription.ts';
import type { Subscription } from '../domain/subscription.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import {
  SUBSCRIPTION_COLUMNS as COLUMNS,
  subscriptionFromRow,
  subscriptionToRow,
} from './subscription-row.ts';
import type { SubscriptionRow } from './subscription-row.ts';

const NAMES = COLUMNS.split(', ');

/** Whether one more of `?2` may be active, the one with the identity `?3` not counted. */
const HAS_ROOM = `(select count(*) from subscriptions where client_id = ?2 and state = 'active' and identity <> ?3) < ${MAX_ACTIVE}
  and (select count(*) from subscriptions where client_id = ?2 and identity <> ?3) < ${MAX_SUBSCRIPTIONS}`;

/**
 * Where it is there already under this id it is made active again, with headers and description replaced; under another id
 * nothing is done. What stays of an active one: since when it is told, and what it last answered.
 */
const SAVE = `insert into subscriptions (${COLUMNS}, identity)
  select ${NAMES.map((name) => `?1 ->> '${name}'`).join(', ')}, ?3 where ${HAS_ROOM}
  on conflict do update set headers = excluded.headers, description = excluded.description,
    active_since = iif(state = 'active', active_since, excluded.active_since),
    failing_since = iif(state = 'active', failing_since, null), state = 'active', stopped_reason = null
  where subscriptions.id = excluded.id
  returning ${COLUMNS}`;

const ACTIVATE = `update subscriptions set state = 'active', stopped_reason = null, failing_since = null, active_since = ?4
  where id = ?1 and client_id = ?2 and state = 'stopped' and (
    select count(*) from subscriptions where client_id = ?2 and state = 'active') < ?3`;

/** Subscriptions, each by its owner: a client, or the operator. Every write may be carried out twice. */
export function createSubscriptionStore(db: D1Database, patience: Patience) {
  const one = (id: string, owner: string) =>
    db.prepare(`select ${COLUMNS} from subscriptions where id = ?1 and client_id = ?2`).bind(id, owner);

  return {
    /** Stores one, or takes up the one with this id again; null where its owner has as many as may be, or another has its identity. */
    async save(subscription: Subscription, identity: string): Promise<Subscription | null> {
      const statement = db
        .prepare(SAVE)
        .bind(JSON.stringify(subscriptionToRow(subscription)), subscription.clientId, identity);
      const { results } = await retried(patience, async () => await statement.all<SubscriptionRow>());
      return results[0] === undefined ? null : subscriptionFromRow(results[0]);
    },

    async byIdentity(owner: string, identity: string): Promise<Subscription | null> {
      const row = await db
        .prepare(`select ${COLUMNS} from subscriptions where client_id = ?1 and identity = ?2`)
        .bind(owner, identity)
        .first<SubscriptionRow>();
      return row === null ? null : subscriptionFromRow(row);
    },

    async get(id: string, owner: string): Promise<Subscription | null> {
      const row = await one(id, owner).first<SubscriptionRow>();
      return row === null ? null : subscriptionFromRow(row);
    },

    /** Those of an owner, newest first; or `limit` of them whose ids are `before` another. */
    async list(owner: string, { before = 'sub_~', limit = MAX_SUBSCRIPTIONS } = {}): Promise<Subscription[]> {
      const { results } = await db
        .prepare(
          `select ${COLUMNS} from subscriptions where client_id = ?1 and id < ?2 order by id desc limit ?3`,
        )
        .bind(owner, before, limit)
        .all<SubscriptionRow>();
      return results.map(subscriptionFromRow);
    },

    /** Forgets one; what is pending for it ends as failed. False where there is none: the first try may have been carried out. */
    async delete(id: string, owner: string): Promise<boolean> {
      let tries = 0;
      const { meta } = await retried(patience, async () => {
        tries++;
        return await db
          .prepare('delete from subscriptions where id = ?1 and client_id = ?2')
          .bind(id, owner)
          .run();
      });
      return meta.changes > 0 || tries > 1;
    },

    /** Takes a stopped one up again, as of `now`; null where there is none, and still stopped where too many are active. */
    async activate(id: string, owner: string, now: number): Promise<Subscription | null> {
      const statements = [db.prepare(ACTIVATE).bind(id, owner, MAX_ACTIVE, now), one(id, owner)];
      const answers = await retried(patience, async () => await db.batch<SubscriptionRow>(statements));
      const row = answers[1]?.results[0];
      return row === undefined ? null : subscriptionFromRow(row);
    },

    /** Whether the subscription that a delivery went to is still there. */
    async isThere(id: string): Promise<boolean> {
      return (await db.prepare('select 1 as one from subscriptions where id = ?1').bind(id).first()) !== null;
    },
  };
}

export type SubscriptionStore = ReturnType<typeof createSubscriptionStore>;

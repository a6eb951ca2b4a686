import { OPERATOR } from '../domain/subscription.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';

/** Every column that holds sealed values, and what each value in it is bound to. */
export const SEALED_PLACES = [
  { table: 'clients', column: 'signing_secret', context: sealedFor.signingSecret },
  { table: 'clients', column: 'previous_signing_secret', context: sealedFor.signingSecret },
  { table: 'upstream_keys', column: 'sealed_key', context: sealedFor.upstreamKey },
  { table: 'tasks', column: 'callback_headers', context: sealedFor.callbackHeaders },
  { table: 'clients', column: 'older_signing_secrets', context: sealedFor.olderSigningSecrets },
  { table: 'subscriptions', column: 'headers', context: sealedFor.subscriptionHeaders },
  // An operator's subscription signs as a client does, by its own id.
  { table: 'subscriptions', column: 'signing_secret', context: sealedFor.signingSecret },
] as const;

/** Of each place, what is looked at to see whether it opens: what somebody still needs. `?1` is now, epoch ms. */
const NEEDED = [
  { what: 'signing secrets', rows: 'clients where revoked_at is null' },
  {
    what: 'replaced signing secrets',
    rows: 'clients where revoked_at is null and previous_secret_until > ?1',
  },
  {
    what: 'upstream keys',
    rows: 'upstream_keys where id in (select account_id from clients where revoked_at is null)',
  },
  {
    what: 'callback headers',
    rows: `(select tasks.* from (select task_id from deliveries where state = 'pending' and kind = 'callback' limit 200)
      join tasks on tasks.id = task_id)`,
  },
  {
    what: 'replaced signing secrets',
    rows: 'clients where revoked_at is null and previous_secret_until > ?1',
  },
  { what: 'headers of subscriptions', rows: `subscriptions where headers is not null and state = 'active'` },
  {
    what: "signing secrets of operators' subscriptions",
    rows: `subscriptions where client_id = '${OPERATOR}' and state = 'active'`,
  },
] as const;

/** The places, each with what stands there, in words. */
export const sealedPlaces = SEALED_PLACES.map((place, i) => ({
  ...place,
  what: NEEDED[i]?.what ?? place.column,
}));

/** One value of those in a place that one key has sealed: a value begins with the name of its key. */
export interface SealSample {
  /** Its place in `SEALED_PLACES`. */
  readonly place: number;
  readonly id: string;
  readonly sealed: string;
  /** How many there are. */
  readonly count: number;
}

/** A place has values of one key, or of two while one replaces the other: of more, the rest is not looked at. */
const MAX_KEYS = 8;

/** Reads the clients, the upstream keys that they bring, and the callbacks that are due first. */
const OF_PLACES = SEALED_PLACES.map(
  (
    { column },
    i,
  ) => `select * from (select ${i} as place, min(id) as id, ${column} as sealed, count(*) as count
    from (select id, ${column} from ${NEEDED[i]?.rows}) where ${column} is not null
    group by substr(${column}, 1, instr(${column}, '.')) limit ${MAX_KEYS})`,
);

/** D1 takes five selects in one compound (SQLITE_LIMIT_COMPOUND_SELECT of workerd). */
const AT_ONCE = 5;

export const SAMPLES = Array.from(
  { length: Math.ceil(OF_PLACES.length / AT_ONCE) },
  (_, i) => `select * from (${OF_PLACES.slice(i * AT_ONCE, (i + 1) * AT_ONCE).join(' union all ')})`,
).join(' union all ');

type SealedPlace = (typeof SEALED_PLACES)[number];

/** How far stored secrets are sealed with one master key. Ids are in order, so a place and an id say where a pass stands. */
export interface Resealing {
  readonly place: number;
  readonly after: string;
  /** Values that this pass sealed anew. */
  readonly found: number;
  /** Values of this pass that open with no key that is configured. */
  readonly unopened: number;
  /** Values sealed anew by all passes. */
  readonly resealed: number;
  /** Epoch ms; null while there may be more. */
  readonly finishedAt: number | null;
}

const COLUMNS = 'place, after, found, unopened, resealed, finished_at as finishedAt';

/** Values at rest, for whoever seals them anew. */
export function createSealedStore(db: D1Database, patience: Patience) {
  return {
    /** How far it has come with the master key of this name; null where it has not begun. */
    async progress(keyName: string): Promise<Resealing | null> {
      return await db
        .prepare(`select ${COLUMNS} from resealing where key_name = ?1`)
        .bind(keyName)
        .first<Resealing>();
    },

    /** What is to be opened to see whether everything opens that is needed at an instant. Epoch ms. */
    async samples(now: number): Promise<SealSample[]> {
      return (await db.prepare(SAMPLES).bind(now).all<SealSample>()).results;
    },

    /** The next rows behind an id, those without a value too, so that a batch is bounded by what is read. */
    async page(place: SealedPlace, after: string, limit: number) {
      const { results } = await db
        .prepare(
          `select id, ${place.column} as sealed from ${place.table} where id > ?1 order by id limit ?2`,
        )
        .bind(after, limit)
        .all<{ id: string; sealed: string | null }>();
      return results;
    },

    /** Replaces values that are still as they were read, and notes how far it has come; in one transaction. */
    async replace(
      place: SealedPlace,
      values: readonly { readonly id: string; readonly from: string; readonly to: string }[],
      keyName: string,
      next: Resealing,
    ): Promise<void> {
      const statements = [
        db
          .prepare(
            `update ${place.table} set ${place.column} = new.value ->> 'to' from json_each(?1) as new
             where ${place.table}.id = new.value ->> 'id' and ${place.column} = new.value ->> 'from'`,
          )
          .bind(JSON.stringify(values)),
        db.prepare('delete from resealing where key_name <> ?1').bind(keyName),
        db
          .prepare(
            `insert or replace into resealing (key_name, place, after, found, unopened, resealed, finished_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
          )
          .bind(keyName, next.place, next.after, next.found, next.unopened, next.resealed, next.finishedAt),
      ];
      await retried(patience, async () => await db.batch(statements));
    },
  };
}

export type SealedStore = ReturnType<typeof createSealedStore>;

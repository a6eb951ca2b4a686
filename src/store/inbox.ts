import { taskOf } from '../domain/ids.ts';

/** A callback that the built-in inbox took. Epoch ms. */
export interface InboxCallback {
  readonly receivedAt: number;
  readonly webhookId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Byte for byte as it was signed. */
  readonly body: string;
}

const KEPT_MS = 3_600_000;
/** Of one inbox: whoever redelivers without end fills no table. */
const MAX_KEPT = 20;

interface InboxRow {
  received_at: number;
  webhook_id: string;
  headers: string;
  body: string;
}

/** What came to the built-in inboxes; the tick's tidying deletes it after an hour. */
export function createInboxStore(db: D1Database) {
  return {
    /** Nothing of a task that is gone, whose callback was on its way while it was erased. */
    async keep(inboxId: string, { receivedAt, webhookId, headers, body }: InboxCallback): Promise<void> {
      await db.batch([
        db
          .prepare(
            `insert into inbox_callbacks (inbox_id, received_at, webhook_id, headers, body, expires_at)
             select ?1, ?2, ?3, ?4, ?5, ?6 where exists (select 1 from tasks where id = ?7)
             on conflict (inbox_id, received_at) do update set headers = excluded.headers, body = excluded.body`,
          )
          .bind(
            inboxId,
            receivedAt,
            webhookId,
            JSON.stringify(headers),
            body,
            receivedAt + KEPT_MS,
            taskOf(webhookId),
          ),
        db
          .prepare(
            `delete from inbox_callbacks where inbox_id = ?1 and received_at <= (
               select received_at from inbox_callbacks where inbox_id = ?1 order by received_at desc limit 1 offset ?2)`,
          )
          .bind(inboxId, MAX_KEPT),
      ]);
    },

    /** What came to an inbox about one task, newest first, and is not older than an hour. */
    async read(inboxId: string, webhookId: string, now: number): Promise<InboxCallback[]> {
      const { results } = await db
        .prepare(
          `select received_at, webhook_id, headers, body from inbox_callbacks
           where inbox_id = ?1 and webhook_id = ?2 and expires_at > ?3 order by received_at desc`,
        )
        .bind(inboxId, webhookId, now)
        .all<InboxRow>();
      return results.map((row) => ({
        receivedAt: row.received_at,
        webhookId: row.webhook_id,
        headers: JSON.parse(row.headers) as Record<string, string>,
        body: row.body,
      }));
    },
  };
}

export type InboxStore = ReturnType<typeof createInboxStore>;

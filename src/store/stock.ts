import type { Task } from '../domain/task.ts';
import { CLOCKED, OWN_LIMIT, QUEUED } from './lane-rules.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';
import type { TaskRow } from './task-columns.ts';
import { toRow } from './task-row.ts';

/** Of input, metadata, callback URL and sealed headers; those of ended tasks too, until they are purged or erased. */
export const MAX_STORED_BYTES = 256_000_000;
/** As `clients.max_queued_tasks` has it where nobody says otherwise. */
export const DEFAULT_MAX_QUEUED = 10_000;

/** What a client has no room for. */
export type Shortage =
  | { readonly of: 'tasks'; readonly max: number }
  | { readonly of: 'bytes'; readonly max: number };

/** As the triggers of migration 0011 count them. */
export function storedBytes(row: TaskRow): number {
  const texts = [row.input, row.metadata, row.callback_url, row.callback_headers];
  const encoder = new TextEncoder();
  return texts.reduce((bytes, text) => bytes + (text === null ? 0 : encoder.encode(text).length), 0);
}

/** In the insert itself: whether a client, given by an expression for its id, has room for one more task of so many bytes. */
export function hasRoom(clientId: string, bytes: string): string {
  return `not exists (select 1 from client_stock as stock where stock.client_id = ${clientId}
    and (stock.queued >= ${maxQueued('stock.client_id')} or stock.bytes + ${bytes} > ${MAX_STORED_BYTES}))`;
}

function maxQueued(clientId: string): string {
  return `coalesce((select max_queued_tasks from clients where clients.id = ${clientId}), ${DEFAULT_MAX_QUEUED})`;
}

/** By the indexes of what waits, and of what has a clock; once for each time a limit is reached. */
const COUNT_QUEUED = `update client_stock set queued_is_exact = 1, queued = (
    select count(*) from tasks where client_id = ?1 and ${OWN_LIMIT})
    + (select count(*) from upstream_keys as k join tasks on account_id = k.id and client_id = ?1 and ${QUEUED})
    + (select count(*) from upstream_keys as k join tasks on account_id = k.id and client_id = ?1 and ${CLOCKED} and state <> 'running')
  where client_id = ?1 and queued_is_exact = 0 and queued >= ${maxQueued('?1')}`;

const COUNT_BYTES = `update client_stock set bytes_are_exact = 1, bytes = (
    select coalesce(sum(octet_length(input) + octet_length(metadata) + coalesce(octet_length(callback_url), 0)
      + coalesce(octet_length(callback_headers), 0)), 0) from tasks where client_id = ?1)
  where client_id = ?1 and bytes_are_exact = 0 and bytes + ?2 > ${MAX_STORED_BYTES}`;

const STOCK = `select queued, bytes, ${maxQueued('?1')} as max from client_stock where client_id = ?1`;

/** What clients have here, as triggers keep it. */
export function createStockStore(db: D1Database, patience: Patience) {
  return {
    /**
     * What a task's client has no room for; null where it has room. Counts exactly where what is kept may be more than there is.
     * May be carried out twice.
     */
    async shortage(task: Task): Promise<Shortage | null> {
      const { clientId } = task;
      const bytes = storedBytes(toRow(task));
      const statements = [
        db.prepare(COUNT_QUEUED).bind(clientId),
        db.prepare(COUNT_BYTES).bind(clientId, bytes),
        db.prepare(STOCK).bind(clientId),
      ];
      const answers = await retried(
        patience,
        async () => await db.batch<{ queued: number; bytes: number; max: number }>(statements),
      );
      const stock = answers[2]?.results[0];
      if (stock === undefined) return null;
      if (stock.queued >= stock.max) return { of: 'tasks', max: stock.max };
      return stock.bytes + bytes > MAX_STORED_BYTES ? { of: 'bytes', max: MAX_STORED_BYTES } : null;
    },
  };
}

export type StockStore = ReturnType<typeof createStockStore>;

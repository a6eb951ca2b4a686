import { env } from 'cloudflare:workers';
import type { Client } from '../../src/domain/client.ts';
import type { Task } from '../../src/domain/task.ts';
import { createClientStore } from '../../src/store/clients.ts';
import { createDeliveryStore } from '../../src/store/deliveries.ts';
import { createExchangeStore } from '../../src/store/exchange.ts';
import { CHANGING_COLUMNS, FIXED_COLUMNS, OLD_COLUMNS } from '../../src/store/task-columns.ts';
import { toRow } from '../../src/store/task-row.ts';

/** Nothing is tried again here, so nobody waits. */
export const patience = { sleep: async () => undefined, random: () => 0 };

export const exchanges = () => createExchangeStore(env.DB, patience);
export const deliveries = () => createDeliveryStore(env.DB, patience);

const COLUMNS = [...FIXED_COLUMNS, ...CHANGING_COLUMNS];
const PUT = `insert into tasks (${[...COLUMNS, ...OLD_COLUMNS].join(', ')}, is_limited)
  select ${COLUMNS.map((column) => `value ->> '${column}'`).join(', ')}, ${OLD_COLUMNS.map(() => '0').join(', ')},
    exists (select 1 from clients where id = value ->> 'client_id' and max_active_tasks is not null)
  from json_each(?1)`;

/** A statement that stores tasks as they are, whatever limits say. */
export function putTasks(tasks: readonly Task[]): D1PreparedStatement {
  return env.DB.prepare(PUT).bind(JSON.stringify(tasks.map(toRow)));
}

/** Stores clients as they are. */
export async function putClients(clients: readonly Client[]): Promise<void> {
  const store = createClientStore(env.DB, patience);
  for (const client of clients) await store.insert(client);
}

/** A key's lane, column by column; what is not given is as of a new one. */
export interface KeyRow {
  readonly id: string;
  readonly submit_paused_until: number;
  readonly failing_until: number;
  readonly active_limit: number | null;
  readonly refused_at: number | null;
  readonly ended_since_refusal: number;
  readonly served_client_id: string | null;
}

const KEY_COLUMNS = [
  'id',
  'submit_paused_until',
  'failing_until',
  'active_limit',
  'refused_at',
  'ended_since_refusal',
  'served_client_id',
] as const satisfies (keyof KeyRow)[];

export function keyRow(changes: Partial<KeyRow> & { readonly id: string }): KeyRow {
  return {
    submit_paused_until: 0,
    failing_until: 0,
    active_limit: null,
    refused_at: null,
    ended_since_refusal: 0,
    served_client_id: null,
    ...changes,
  };
}

/** A statement that stores keys' lanes. */
export function putKeys(keys: readonly KeyRow[]): D1PreparedStatement {
  return env.DB.prepare(
    `insert into upstream_keys (${KEY_COLUMNS.join(', ')})
       select ${KEY_COLUMNS.map((column) => `value ->> '${column}'`).join(', ')} from json_each(?1) where true`,
  ).bind(JSON.stringify(keys));
}

/** A task that has ended here, and of which upstream is not known to have ended it. */
export interface AbandonedRow {
  readonly keyId: string;
  readonly clientId: string;
  readonly until: number;
}

export function putAbandoned(rows: readonly AbandonedRow[]): D1PreparedStatement {
  const numbered = rows.map((row, i) => ({ ...row, upstreamTaskId: `gone_${i}` }));
  return env.DB.prepare(
    `insert into abandoned (account_id, upstream_task_id, client_id, until, due_at)
       select value ->> 'keyId', value ->> 'upstreamTaskId', value ->> 'clientId', value ->> 'until', value ->> 'until'
       from json_each(?1)`,
  ).bind(JSON.stringify(numbered));
}

/** Statements that empty what these tests fill. */
export function emptied(): D1PreparedStatement[] {
  return ['deliveries', 'tasks', 'abandoned', 'receivers', 'client_stock', 'upstream_keys', 'clients'].map(
    (table) => env.DB.prepare(`delete from ${table}`),
  );
}

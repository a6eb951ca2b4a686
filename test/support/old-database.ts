import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { sha256Hex } from '../../src/domain/hex.ts';
import { video } from './relay.ts';

/* Databases as the releases before this one left them behind. The clock of Ringback starts at `NOW`. */

export const NOW = Date.UTC(2026, 10, 22, 15);
export const CLIENT = 'client_01kah0000000000000000000up';
export const KEY = 'rb_a-key-of-the-first-release';
export const SECRET = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

/** What sealed them. */
export const KEY_OF_THEN = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
/** As the first release sealed them, each for the row that it stands in. */
export const SEALED = {
  secret:
    'v1.h9FvtMnUii7iYcRp.uO9_r7LfMSn6oPj5Z6dEoU9apY_JNYPOuATDOiF7XQQX6jkanPpjGhBAvRuVxamWxKvS92VMHyfbTwRZpHFWZI2z',
  headers: 'v1.4cBmjTzDpn73UlG1.zeXrNn0lVsTvuixl6cRwb7kKXfBMCmLMmlApOa0KCXhJ4ZqzlKWsfQq8UvaxPEU',
  upstreamKey: 'v1.2ZzxoZDo2AQvYboM.pSTKquEMNHtEgCETOs2TWRG67uTRhfu3zLzQfoCC',
};

export type Row = Record<string, string | number | null>;

/** A task as every release wrote it: what all states share. */
export function row(id: string, changes: Row): Row {
  return {
    id,
    client_id: CLIENT,
    account_id: 'operator',
    model: video().model,
    input: JSON.stringify({ ...video().input, prompt: id }),
    metadata: '{"row":"42"}',
    created_at: NOW - 60_000,
    deadline_at: NOW + 3_600_000,
    revision: 1,
    due_at: NOW - 1_000,
    tries: 0,
    attempts: 0,
    retries: 0,
    quick_retries: 0,
    answer_lost: 0,
    refresh: 0,
    notice_tries: 0,
    ...changes,
  };
}

export const task = (name: string) => `task_01m828${name.padEnd(20, '0')}`;

export const callback = (name: string, state = 'waiting', host = 'hooks.example.com'): Row => ({
  callback_url: `https://${host}/${name}`,
  callback_format: 'event',
  callback_host: host,
  callback_state: state,
  relay_host: 'relay.test',
});

export const succeeded = {
  state: 'succeeded',
  submitted_at: NOW - 50_000,
  completed_at: NOW - 5_000,
  result_json: '{}',
};

/** A database that only the first so many migrations have made, and that holds nothing. */
export async function databaseOf(migrations: number): Promise<void> {
  const { results } = await env.DB.prepare(
    `select name from sqlite_schema where type = 'table' and substr(name, 1, 4) <> '_cf_' and substr(name, 1, 7) <> 'sqlite_'
     order by name not like '%attempts'`,
  ).all<{ name: string }>();
  const drops = results.map(({ name }) => env.DB.prepare(`drop table "${name}"`));
  if (drops.length > 0) await env.DB.batch(drops);
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS.slice(0, migrations));
}

/** Applies the migrations up to the one with this number, over what is there. */
export async function migrateTo(migrations: number): Promise<void> {
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS.slice(0, migrations));
}

/** Inserts rows, without what the database of then has no column for. */
export async function insert(table: string, rows: readonly Row[]): Promise<void> {
  const { results } = await env.DB.prepare('select name from pragma_table_info(?1)').bind(table).all();
  const known = new Set(results.map(({ name }) => name));
  const statements = rows.map((values) => {
    const columns = Object.keys(values).filter((name) => known.has(name));
    const sql = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`;
    return env.DB.prepare(sql).bind(...columns.map((name) => values[name] ?? null));
  });
  await env.DB.batch(statements);
}

/** The client of all these tasks. */
export async function insertClient(): Promise<void> {
  await insert('clients', [
    {
      id: CLIENT,
      name: 'zapier',
      key_hash: await sha256Hex(KEY),
      signing_secret: SEALED.secret,
      account_id: 'operator',
      max_active_tasks: 20,
      failure_callback_url: 'https://hooks.example.com/failures',
      created_at: NOW - 86_400_000,
    },
  ]);
}

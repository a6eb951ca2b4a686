import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { independentSignature } from './http/independent-signature.ts';
import {
  callback,
  databaseOf,
  insert,
  insertClient,
  KEY,
  KEY_OF_THEN,
  NOW,
  row,
  SEALED,
  SECRET,
  succeeded,
  task,
} from './support/old-database.ts';
import type { Row } from './support/old-database.ts';
import { startRelay, video } from './support/relay.ts';
import type { Relay } from './support/relay.ts';

const UNSENT = ['accepting', 'failing', 'limited', 'full', 'behind', 'own-limit', 'unasked'];
const RUNNING = ['running', 'missing', 'of-own-key'];

const ROWS: Row[] = [
  row(task('accepting'), { state: 'accepting', ...callback('accepting'), revision: 0 }),
  ...UNSENT.slice(1).map((reason) =>
    row(task(reason), {
      state: 'queued',
      queue_reason: reason,
      tries: 1,
      problem: 'waits',
      ...callback(reason),
    }),
  ),
  ...RUNNING.map((name) =>
    row(task(name), {
      state: 'running',
      submitted_at: NOW - 50_000,
      missing_since: name === 'missing' ? NOW - 1_000 : null,
      account_id: name === 'of-own-key' ? 'account_upgrade' : 'operator',
      ...callback(name),
    }),
  ),
  row('task_01kah0000000000000000000a1', {
    ...succeeded,
    ...callback('sealed-headers', 'pending'),
    callback_headers: SEALED.headers,
  }),
  row(task('retried'), {
    ...succeeded,
    ...callback('retried', 'pending'),
    attempts: 1,
    last_status: 500,
    first_attempt_at: NOW - 4_000,
    retries: 1,
    answer_lost: 1,
  }),
  row(task('to-refresh'), { ...succeeded, ...callback('to-refresh', 'pending'), refresh: 1 }),
  row(task('given-up'), {
    ...succeeded,
    ...callback('given-up', 'failed'),
    attempts: 11,
    notice_state: 'pending',
    notice_at: NOW - 1_000,
  }),
  row(task('delivered'), {
    ...succeeded,
    ...callback('delivered', 'delivered'),
    attempts: 1,
    last_status: 200,
    delivered_at: NOW - 2_000,
    due_at: null,
    // Nothing kept two tasks from having the same id upstream.
    upstream_task_id: 'up-same',
  }),
  row(task('canceled'), {
    state: 'canceled',
    completed_at: NOW - 5_000,
    due_at: null,
    upstream_task_id: 'up-same',
  }),
  row(task('failed'), {
    state: 'failed',
    completed_at: NOW - 5_000,
    error_code: 'timed_out',
    error_message: 'No end.',
    due_at: null,
  }),
];

/** What they hold for their client: ASCII only. */
const BYTES = ROWS.reduce(
  (bytes, each) =>
    bytes +
    [each['input'], each['metadata'], each['callback_url'], each['callback_headers']]
      .map((text) => String(text ?? '').length)
      .reduce((a, b) => a + b),
  0,
);

/** What the first release left behind, in a database that only its own migration has made. */
async function firstRelease(): Promise<void> {
  await databaseOf(1);
  await insertClient();
  await insert('accounts', [{ id: 'operator' }, { id: 'account_upgrade', sealed_key: SEALED.upstreamKey }]);
  await insert('tasks', ROWS);
  await insert('attempts', [
    {
      task_id: task('delivered'),
      number: 1,
      at: NOW - 2_000,
      status: 200,
      duration_ms: 9,
      outcome: 'delivered',
      detail: 'Answered 200; delivered.',
    },
  ]);
  await insert('hosts', [{ host: 'hooks.example.com', answered_at: NOW - 2_000, silences: 0, openings: 0 }]);
  await insert('ticks', [
    { id: 1, started_at: NOW - 60_000, finished_at: NOW - 5_000, counts: '{"polls":1}' },
  ]);
}

/** Upstream knows what runs, by the ids that the first release had asked with. */
async function knownUpstream(relay: Relay): Promise<void> {
  for (const name of RUNNING) {
    const apiKey = name === 'of-own-key' ? 'sk-sandbox-pro' : 'sk-sandbox-enterprise';
    const answer = await relay.services.upstream.create({
      apiKey,
      requestId: task(name),
      model: video().model,
      input: { ...video().input, prompt: task(name) },
    });
    if (answer.kind !== 'created') throw new Error(answer.message);
    await env.DB.prepare('update tasks set upstream_task_id = ?1 where id = ?2')
      .bind(answer.upstreamTaskId, task(name))
      .run();
  }
}

describe('a database of the first release, with tasks in flight in every state', () => {
  beforeEach(firstRelease);

  it('takes the later migrations, and goes on to the end: nothing lost, nothing made or told twice', async () => {
    const vars = { TICK_SECONDS: '20', MASTER_KEY_PREVIOUS: KEY_OF_THEN };
    const relay = await startRelay({ keepsData: true, timeScale: 0.05, vars });
    const stock = await env.DB.prepare('select queued, bytes from client_stock').first();
    expect(stock).toEqual({ queued: UNSENT.length, bytes: BYTES });
    await knownUpstream(relay);
    const receiver = relay.receiver('hooks.example.com');
    const me = relay.as(KEY);
    const list = async () => (await me.get('/v1/tasks?limit=100')).body.data;
    expect(await list()).toHaveLength(ROWS.length);
    await relay.tickUntil(async () => {
      const states: string[] = (await list()).map(
        (each: { callback: { state: string } | null }) => each.callback?.state,
      );
      return !states.some((state) => state === 'waiting' || state === 'pending');
    });

    const ended = new Map((await list()).map((each: { id: string }) => [each.id, each]));
    for (const name of [...UNSENT, ...RUNNING]) {
      expect(ended.get(task(name)), name).toMatchObject({
        state: 'succeeded',
        callback: { state: 'delivered' },
        metadata: { row: '42' },
      });
    }
    const requests = relay.simulator.snapshot().tasks.map(({ requestId }) => requestId);
    expect(requests).toHaveLength(UNSENT.length + RUNNING.length);
    expect(new Set(requests)).toEqual(new Set([...UNSENT, ...RUNNING].map(task)));

    const called = receiver.received.map(({ url }) => new URL(url).pathname.slice(1));
    const expected = [...UNSENT, ...RUNNING, 'sealed-headers', 'retried', 'to-refresh', 'failures'];
    expect(called.sort()).toEqual(expected.sort());
    for (const each of receiver.received) {
      expect(each.headers['webhook-signature']).toBe(independentSignature(SECRET, each));
    }
    const sealed = receiver.received.find(({ url }) => url.endsWith('sealed-headers'));
    expect(sealed?.headers['x-api-key']).toBe('sealed-long-ago');
    expect((await me.get(`/v1/tasks/${task('delivered')}/attempts`)).body.data).toHaveLength(1);
    expect((await me.get(`/v1/tasks/${task('retried')}/attempts`)).body.data).toMatchObject([{ number: 2 }]);

    expect((await relay.request('/healthz')).status).toBe(200);
    expect((await relay.admin().get('/admin/stats')).body.tasks).toMatchObject({ queued: 0, running: 0 });
    expect((await me.delete(`/v1/tasks/${task('failed')}`)).status).toBe(204);
  });

  it('has nothing left to migrate', async () => {
    await startRelay({ keepsData: true });
    const { results } = await env.DB.prepare('select name from d1_migrations order by id').all<{
      name: string;
    }>();
    expect(results.map(({ name }) => name)).toEqual(env.TEST_MIGRATIONS.map(({ name }) => name));
  });
});

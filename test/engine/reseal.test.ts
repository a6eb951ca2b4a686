import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { independentSignature } from '../http/independent-signature.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const OLD = env.MASTER_KEY;
const NEW = 'hQd1m0uVb5sY3nZk7rT9wX2cJ8fLgP4eA6iOqUyNvBM=';
const VARS = { TICK_SECONDS: '2' };

/** Every sealed value in the database. */
async function sealedValues(): Promise<string[]> {
  const columns = [
    ['clients', 'signing_secret'],
    ['clients', 'previous_signing_secret'],
    ['upstream_keys', 'sealed_key'],
    ['tasks', 'callback_headers'],
  ];
  const values = await Promise.all(
    columns.map(async ([table, column]) => {
      const { results } = await env.DB.prepare(
        `select ${column} as v from ${table} where ${column} is not null`,
      ).all<{
        v: string;
      }>();
      return results.map(({ v }) => v);
    }),
  );
  return values.flat();
}

async function populated() {
  const relay = await startRelay({ timeScale: 0.05, vars: VARS });
  const { id, key, signing_secret: secret } = await relay.client({ upstream_api_key: 'sk-sandbox-pro' });
  await relay.admin().post(`/admin/clients/${id}/rotate-secret`);
  const receiver = relay.receiver('hooks.example.com');
  const callback = {
    callback_url: 'https://hooks.example.com/1',
    callback_headers: { 'X-Api-Key': 'sealed-with-the-old-key' },
  };
  const { body } = await relay
    .as(key)
    .post('/v1/tasks', video('a fox', callback), { 'idempotency-key': 'row-1' });
  return { relay, key, secret, receiver, callback, task: String(body.id) };
}

const resealing = async (relay: Relay) => (await relay.admin().get('/admin/stats')).body.resealing;

async function tickUntilResealed(relay: Relay): Promise<void> {
  for (let i = 0; i < 60 && (await resealing(relay)).finished_at === null; i++) {
    await relay.tick();
    relay.clock.advance(60_000);
  }
}

describe('a master key that is replaced', () => {
  it('leaves everything working while both are configured, and afterwards with the new one alone', async () => {
    const { relay, key, secret, receiver, callback, task } = await populated();
    expect(await resealing(relay)).toBeNull();
    const before = await sealedValues();
    expect(before).toHaveLength(4);

    relay.restart({ vars: { MASTER_KEY: NEW, MASTER_KEY_PREVIOUS: OLD } });
    expect(await resealing(relay)).toEqual({ resealed: 0, unopened: 0, finished_at: null });
    const same = await relay
      .as(key)
      .post('/v1/tasks', video('a fox', callback), { 'idempotency-key': 'row-1' });
    expect([same.status, same.body.id]).toEqual([200, task]);
    await tickUntilResealed(relay);
    expect(await resealing(relay)).toEqual({ resealed: 4, unopened: 0, finished_at: expect.any(String) });
    expect((await sealedValues()).filter((value) => before.includes(value))).toEqual([]);

    relay.restart({ vars: { MASTER_KEY: NEW } });
    await relay.as(key).post(`/v1/tasks/${task}/redeliver`);
    await relay.tickUntil(async () => receiver.received.length >= 2, 3);
    const arrived = receiver.received.at(-1);
    if (arrived === undefined) throw new Error('no callback came');
    expect(arrived.headers['x-api-key']).toBe('sealed-with-the-old-key');
    // Within the 24 h after a rotation: the secret of before it signs too.
    expect(arrived.headers['webhook-signature']).toContain(independentSignature(secret, arrived));
    expect((await relay.as(key).post('/v1/tasks', video())).body.state).toBe('running');
  });

  it('goes through more rows than one run takes, and through those that an old Worker sealed meanwhile', async () => {
    const { relay } = await populated();
    for (let i = 0; i < 250; i++) {
      await env.DB.prepare(
        `insert into upstream_keys (id, sealed_key, saved_at) select 'account_' || ?1, sealed_key, saved_at from upstream_keys where sealed_key is not null limit 1`,
      )
        .bind(String(i).padStart(5, '0'))
        .run();
    }
    relay.restart({ vars: { MASTER_KEY: NEW, MASTER_KEY_PREVIOUS: OLD } });
    expect((await relay.tick()).resealed).toBe(1);
    expect((await relay.tick()).resealed).toBe(1);
    // An isolate of before the change is still at work.
    relay.restart();
    await relay.client();
    relay.restart({ vars: { MASTER_KEY: NEW, MASTER_KEY_PREVIOUS: OLD } });
    await tickUntilResealed(relay);
    // The copies are bound to another row, so they open nowhere: counted, logged and left alone.
    expect(await resealing(relay)).toMatchObject({
      resealed: 5,
      unopened: 250,
      finished_at: expect.any(String),
    });
    expect((await relay.tick()).resealed).toBe(0);
  });

  it('can be replaced once more, by the one before too', async () => {
    const { relay } = await populated();
    for (const [current, previous] of [
      [NEW, OLD],
      [OLD, NEW],
      [NEW, OLD],
    ] as const) {
      relay.restart({ vars: { MASTER_KEY: current, MASTER_KEY_PREVIOUS: previous } });
      await tickUntilResealed(relay);
      expect(await resealing(relay)).toMatchObject({ resealed: 4, finished_at: expect.any(String) });
    }
  });
});

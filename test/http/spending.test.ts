import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

/** How many tasks of 400 credits a client may still post today. */
async function postsLeft(relay: Relay, key: string): Promise<number> {
  for (let posts = 0; posts < 20; posts++) {
    const { status } = await relay.as(key).post('/v1/tasks', video());
    if (status === 402) return posts;
    expect(status).toBe(202);
  }
  throw new Error('there is no limit');
}

const setLimit = async (relay: Relay, id: string, daily_credit_limit: number | null) =>
  expect((await relay.admin().patch(`/admin/clients/${id}`, { daily_credit_limit })).status).toBe(200);

describe('what a client with a daily credit limit may still spend', () => {
  it('counts what it spent before it had a limit', async () => {
    const relay = await startRelay();
    const { id, key } = await relay.client();
    for (let i = 0; i < 3; i++) await relay.as(key).post('/v1/tasks', video());
    await setLimit(relay, id, 2_000);
    expect(await postsLeft(relay, key)).toBe(2);
  });

  it('counts what it spent while it had none, between two limits', async () => {
    const relay = await startRelay();
    const { id, key } = await relay.client({ daily_credit_limit: 2_000 });
    await relay.as(key).post('/v1/tasks', video());
    await setLimit(relay, id, null);
    for (let i = 0; i < 2; i++) await relay.as(key).post('/v1/tasks', video());
    await setLimit(relay, id, 2_000);
    expect(await postsLeft(relay, key)).toBe(2);
    await setLimit(relay, id, 2_400);
    expect(await postsLeft(relay, key)).toBe(1);
  });

  it('counts nothing that upstream refused, at once or later', async () => {
    const relay = await startRelay();
    const { key } = await relay.client({ daily_credit_limit: 1_200 });
    const me = relay.as(key);
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 422 });
    expect((await me.post('/v1/tasks', video())).status).toBe(422);
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 500 });
    const { body } = await me.post('/v1/tasks', video());
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 422 });
    await relay.tick();
    expect((await me.get(`/v1/tasks/${body.id}`)).body.error_code).toBe('upstream_refused');
    expect(await postsLeft(relay, key)).toBe(3);
  });

  it('counts what it erased, once', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { key } = await relay.client({ daily_credit_limit: 1_200 });
    const me = relay.as(key);
    const { body } = await me.post('/v1/tasks', video());
    await relay.tick();
    expect((await me.delete(`/v1/tasks/${body.id}`)).status).toBe(204);
    expect(await postsLeft(relay, key)).toBe(2);
    expect(await postsLeft(relay, key)).toBe(0);
    expect((await me.get('/v1/client')).body.credits_today).toBe(1_200);
  });

  it('counts a replayed request once', async () => {
    const relay = await startRelay();
    const { key } = await relay.client({ daily_credit_limit: 1_200 });
    const statuses = [];
    for (let i = 0; i < 5; i++) {
      statuses.push((await relay.as(key).post('/v1/tasks', video(), { 'Idempotency-Key': 'row-1' })).status);
    }
    expect(statuses).toEqual([202, 200, 200, 200, 200]);
    const atOnce = await Promise.all(
      Array.from({ length: 5 }, () =>
        relay.as(key).post('/v1/tasks', video(), { 'Idempotency-Key': 'row-2' }),
      ),
    );
    expect(atOnce.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(await postsLeft(relay, key)).toBe(1);
  });

  it('counts a task once whichever answer of D1 is lost', async () => {
    for (let at = 1; at < 30; at++) {
      const relay = await startRelay();
      const { key } = await relay.client({ daily_credit_limit: 1_200 });
      relay.restart({ kill: { at, when: 'after', survives: true } });
      await relay.as(key).post('/v1/tasks', video());
      const { wasHit } = relay.effects;
      relay.restart();
      const stored = (await relay.as(key).get('/v1/tasks')).body.data.length;
      expect(await postsLeft(relay, key), `effect ${at}`).toBe(3 - stored);
      if (!wasHit) return;
    }
    throw new Error('a post has more effects than that: raise the bound');
  });
});

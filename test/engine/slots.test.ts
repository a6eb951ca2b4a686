import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const OPERATOR_KEY = 'sk-sandbox-enterprise';

/** A key that runs as many tasks as it is known to. */
async function learn(relay: Relay, activeLimit: number): Promise<void> {
  await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit });
  await env.DB.prepare(`update upstream_keys set active_limit = ?1, refused_at = ?2 where id = 'operator'`)
    .bind(activeLimit, relay.clock.now())
    .run();
}

/** Posts one task after the other, each a millisecond younger; answers their ids. */
async function postAll(relay: Relay, key: string, prompts: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const prompt of prompts) {
    ids.push((await relay.as(key).post('/v1/tasks', video(prompt))).body.id);
    relay.clock.advance(1);
  }
  return ids;
}

/** Seconds from `startedAt` to each task's submission upstream, the first first; by id. */
function submissions(relay: Relay, startedAt: number): { id: string; seconds: number }[] {
  return relay.simulator
    .snapshot()
    .tasks.map(({ requestId, createTime }) => ({
      id: requestId ?? '',
      seconds: (createTime - startedAt) / 1_000,
    }))
    .toSorted((a, b) => a.seconds - b.seconds);
}

describe('a slot that is free while another task is on its way to it', () => {
  it.each([
    ['key', {}],
    ['client', { max_active_tasks: 2 }],
  ])('is taken by the next of the %s', async (_, client) => {
    const relay = await startRelay({ vars: { SUBREQUEST_BUDGET: '2000', POLL_MIN_SECONDS: '1' } });
    const { key } = await relay.client(client);
    await learn(relay, 2);
    const startedAt = relay.clock.now();
    await postAll(relay, key, ['[slow:20]', '[slow:23]', '[never]', '[never]', '[never]']);
    await relay.fault({ kind: 'delay', endpoint: 'createTask', delayMs: 8_000, times: 100 });
    await relay.tickUntil(async () => false, 2);
    const submitted = submissions(relay, startedAt);
    expect(submitted).toHaveLength(4);
    expect(submitted[3]?.seconds).toBeLessThan(45);
  });
});

describe('the limit of a key', () => {
  it('is learned in full where one post is refused before others that were taken are written', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const post = async () => await relay.as(key).post('/v1/tasks', video('[never]'));
    await post();
    await relay.fault({ kind: 'delay', endpoint: 'createTask', delayMs: 1_000 });
    await relay.fault({ kind: 'delay', endpoint: 'createTask', delayMs: 2_000 });
    const taken = [post(), post()];
    await relay.clock.sleep(500);
    await learn(relay, 1);
    await relay.upstreamKey({ key: OPERATOR_KEY, activeLimit: 3 });
    await Promise.all(taken);
    const limit = await env.DB.prepare('select active_limit from upstream_keys').first<number>(
      'active_limit',
    );
    expect(limit).toBe(3);
  });
});

describe('a post that upstream refuses', () => {
  it.each([
    ['its client’s limit', { max_active_tasks: 1 }, 100],
    ['its key’s limit', {}, 1],
  ])('leaves its place to the task that waits for %s', async (_, limits, activeLimit) => {
    const relay = await startRelay();
    const { key } = await relay.client(limits);
    await learn(relay, activeLimit);
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 422, delayMs: 2_000 });
    const refused = relay.as(key).post('/v1/tasks', video('[never]'));
    await relay.clock.sleep(500);
    const waiting = await relay.as(key).post('/v1/tasks', video('[never]'));
    expect(waiting.body.state).toBe('queued');
    expect((await refused).status).toBe(422);
    const startedAt = relay.clock.now();
    await relay.tick();
    const [submitted] = submissions(relay, startedAt);
    expect(submitted).toMatchObject({ id: waiting.body.id });
    expect(submitted?.seconds).toBeLessThan(5);
  });
});

describe('a task that upstream keeps failing', () => {
  it('gives its turn to the next', async () => {
    const relay = await startRelay({ vars: { SUBREQUEST_BUDGET: '2000', POLL_MIN_SECONDS: '1' } });
    const { key } = await relay.client();
    await learn(relay, 1);
    const startedAt = relay.clock.now();
    const ids = await postAll(relay, key, ['[slow:10]', '[never]', '[never]']);
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 500, times: 3 });
    await relay.tick();
    const submitted = submissions(relay, startedAt);
    expect(submitted.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    expect(submitted[1]?.seconds).toBeLessThan(25);
  });

  it('does not call all that wait into an outage', async () => {
    const relay = await startRelay({ vars: { SUBREQUEST_BUDGET: '2000', POLL_MIN_SECONDS: '1' } });
    const { key } = await relay.client();
    await learn(relay, 1);
    await postAll(relay, key, ['[slow:5]', ...Array.from({ length: 30 }, () => '[never]')]);
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 500, times: 1_000 });
    await relay.tick();
    const failing = env.DB.prepare(`select count(*) as n from tasks where queue_reason = 'failing'`);
    expect(await failing.first('n')).toBeGreaterThan(1);
    expect(await failing.first('n')).toBeLessThan(10);
  });
});

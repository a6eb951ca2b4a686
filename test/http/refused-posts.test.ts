import { env } from 'cloudflare:workers';
import { beforeEach, expect, it, vi } from 'vitest';
import { writeRefusals } from '../../src/http/count-refusals.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.restoreAllMocks();
});

async function read({ services, clock }: Relay) {
  await writeRefusals(services);
  return await services.metrics.read(clock.now());
}

async function start() {
  const relay = await startRelay();
  const { id, key } = await relay.client({ name: 'Shop' });
  const me = relay.as(key);
  const totals = async () => {
    // What is counted is written with the next look at the figures, or after five seconds.
    const { refused } = await read(relay);
    const mine = refused.filter(({ clientId }) => clientId === id);
    return Object.fromEntries(mine.map(({ reason, count }) => [reason, count]));
  };
  return { relay, id, me, totals };
}

it('a post that is refused is counted by client and reason, whoever refused it', async () => {
  const { relay, id, me, totals } = await start();
  await me.post('/v1/tasks', video('x', { callback_url: 'http://10.0.0.1/' }));
  await me.post('/v1/tasks', { model: 'sora', input: {} });
  await me.post('/api/v1/jobs/createTask', { model: 'sora', input: {} });
  for (const status of [401, 402, 422] as const) {
    await relay.fault({ endpoint: 'createTask', kind: 'status', status });
    await me.post('/v1/tasks', video());
  }
  expect(await totals()).toEqual({
    'validation-failed': 3,
    'upstream-refused-key': 1,
    'insufficient-credits': 1,
    'upstream-rejected-input': 1,
  });
  expect(await relay.services.refusals.since(relay.clock.now(), id)).toContainEqual({
    clientId: id,
    clientName: 'Shop',
    reason: 'validation-failed',
    count: 3,
  });
  expect(await relay.services.refusals.since(relay.clock.now(), 'client_0')).toEqual([]);
});

it('nothing else is: what was accepted, what was only read, who is nobody', async () => {
  const { relay, me, totals } = await start();
  await me.post('/v1/tasks', video());
  await me.get('/v1/tasks?state=nonsense');
  await relay.as('nobody').post('/v1/tasks', {});
  await me.post('/v1/estimates', {});
  expect(await totals()).toEqual({});
});

it('the log says who and why, and nothing of the body', async () => {
  const { id, me } = await start();
  const lines: string[] = [];
  vi.spyOn(console, 'warn').mockImplementation((line: string) => lines.push(line));
  await me.post('/v1/tasks', { model: 'a secret of mine', input: {} });
  const line = lines.find((one) => one.includes('a post was refused')) ?? '';
  expect(JSON.parse(line)).toMatchObject({ client_id: id, reason: 'validation-failed', status: 422 });
  expect(line).not.toContain('a secret of mine');
});

it('a flood of them is written together, and loses none', async () => {
  const { relay, me, totals } = await start();
  await Promise.all(Array.from({ length: 40 }, async () => await me.post('/v1/tasks', {})));
  expect(await totals()).toEqual({ 'validation-failed': 40 });
  const writes = relay.effects.log.filter((name) => name.startsWith('insert into refused_posts'));
  expect(writes.length).toBeLessThanOrEqual(3);
});

it('a client is told the same where they cannot be counted', async () => {
  const { relay, me } = await start();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  relay.restart({
    trouble: (name) => (name.startsWith('insert into refused_posts') ? new Error('D1_ERROR: full') : null),
  });
  expect((await me.post('/v1/tasks', {})).status).toBe(422);
});

it('hours are forgotten after a month, sums are not, and both go with their client', async () => {
  const { relay, id, me, totals } = await start();
  await me.post('/v1/tasks', {});
  expect(await totals()).toEqual({ 'validation-failed': 1 });
  relay.clock.advance(31 * DAY_MS);
  await me.post('/v1/tasks', {});
  // What waited for its five seconds is written meanwhile.
  await vi.waitFor(async () => expect(await totals()).toEqual({ 'validation-failed': 2 }));
  await relay.tick();
  expect(await hoursOf(id)).toEqual([{ count: 1 }]);
  expect(await totals()).toEqual({ 'validation-failed': 2 });
  await relay.admin().delete(`/admin/clients/${id}`);
  relay.clock.advance(31 * DAY_MS);
  await relay.tick();
  expect([await totals(), await hoursOf(id)]).toEqual([{}, []]);
});

async function hoursOf(clientId: string) {
  const { results } = await env.DB.prepare('select count from refused_hours where client_id = ?')
    .bind(clientId)
    .all();
  return results;
}

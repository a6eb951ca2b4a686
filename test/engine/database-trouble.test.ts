import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { databaseTrouble } from '../../src/domain/database-trouble.ts';
import { fireCron } from '../../src/engine/cron.ts';
import { startRelay, video } from '../support/relay.ts';

/** What D1 says, word for word as Cloudflare lists it. */
const SAYS = {
  overloaded: 'D1_ERROR: D1 DB is overloaded. Requests queued for too long.',
  'too many': 'D1_ERROR: D1 DB is overloaded. Too many requests queued.',
  'no more writes':
    "D1_ERROR: Your account has exceeded D1's free tier daily row write limit. Upgrade to a paid plan or wait until tomorrow (midnight UTC) to continue.",
  'no more reads':
    "D1_ERROR: Your account has exceeded D1's free tier daily row read limit. Upgrade to a paid plan or wait until tomorrow (midnight UTC) to continue.",
  full: 'D1_ERROR: Exceeded maximum DB size.',
  lost: 'Network connection lost.',
  'no more requests of this invocation': 'Too many API requests by single worker invocation.',
  broken: 'internal error; reference = 8j521so1ohi6sdr05kvjvkcq',
} as const;

const isFetch = (name: string) => /^(GET|POST) \//.test(name);
const isWrite = (name: string) => /^(insert|update|delete|batch)/.test(name);
const always = (message: string) => (name: string) => (isFetch(name) ? null : new Error(message));
const onWrites = (message: string) => (name: string) => (isWrite(name) ? new Error(message) : null);

const logged: Record<string, unknown>[] = [];
beforeEach(() => {
  logged.length = 0;
  for (const level of ['log', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((line: string) => void logged.push(JSON.parse(line)));
  }
});

describe('a database that cannot be used', () => {
  it.each(Object.entries(SAYS))(
    'is 503 with Retry-After on every read and post: %s',
    async (_what, message) => {
      const relay = await startRelay();
      const { key } = await relay.client();
      const { body: task } = await relay.as(key).post('/v1/tasks', video('[never]'));
      relay.restart({ trouble: always(message) });
      const me = relay.as(key);
      const answers = await Promise.all([
        me.get('/v1/tasks'),
        me.get(`/v1/tasks/${task.id}`),
        me.get(`/v1/tasks/${task.id}/result`),
        me.get(`/v1/tasks/${task.id}/attempts`),
        me.get('/v1/client'),
        me.post('/v1/tasks', video()),
        me.post(`/v1/tasks/${task.id}/cancel`),
        relay.admin().get('/admin/stats'),
        relay.admin().post('/admin/clients', { name: 'x' }),
      ]);
      for (const { status, headers, body } of answers) {
        expect({ status, body }).toMatchObject({
          status: 503,
          body: { type: 'urn:problem-type:ringback:database-unavailable', status: 503 },
        });
        expect(headers.get('content-type')).toBe('application/problem+json');
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      }
      const dropIn = await me.get(`/api/v1/jobs/recordInfo?taskId=${task.id}`);
      expect(dropIn).toMatchObject({
        status: 503,
        body: { code: 503, data: { retryAfter: expect.any(Number) } },
      });
      expect(relay.simulator.snapshot().tasks).toHaveLength(1);
    },
  );

  it('does not take back what is stored, where only its place in the queue cannot be read', async () => {
    const relay = await startRelay();
    const { key } = await relay.client({ max_active_tasks: 1 });
    await relay.as(key).post('/v1/tasks', video('[never]'));
    relay.restart({
      trouble: (name) => (name.startsWith('select count') ? new Error(SAYS.overloaded) : null),
    });
    const { status, body } = await relay.as(key).post('/v1/tasks', video('[never]'));
    expect(status).toBe(202);
    expect(body.queue).toMatchObject({ reason: 'client_limit', position: null });
  });

  it.each([
    [
      'it took too long',
      'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.',
    ],
    ['something is broken inside', 'internal error; reference = 8j521so1ohi6sdr05kvjvkcq'],
    ['what nobody knows', 'The script will never generate a response.'],
  ])('does not make a caller post twice what is stored, where D1 says %s', async (_what, message) => {
    const relay = await startRelay();
    const { key } = await relay.client();
    let isDone = false;
    const once = (name: string) => {
      if (isDone || name !== 'batch') return null;
      isDone = true;
      return new Error(message);
    };
    relay.restart({ trouble: once });
    expect((await relay.as(key).post('/v1/tasks', video('[never]'))).status).toBe(202);
    expect((await relay.as(key).get('/v1/tasks')).body.data).toHaveLength(1);
  });

  it('does not take back what is stored, where an answer is lost and the next read fails', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    let batches = 0;
    relay.restart({
      kill: { at: 2, when: 'after', survives: true },
      trouble: (name) => {
        if (name === 'batch') batches++;
        return batches === 2 && name === 'select *' ? new Error(SAYS.overloaded) : null;
      },
    });
    expect((await relay.as(key).post('/v1/tasks', video('[never]'))).status).toBe(202);
    expect(relay.effects.log.slice(0, 3).at(1)).toBe('batch');
    expect((await relay.as(key).get('/v1/tasks')).body.data).toHaveLength(1);
  });

  it('does not tell a caller that a task is there which upstream refused, where the answer to forgetting it is lost', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 402 });
    // The insert, upstream, and then the discard: it is carried out, and nobody hears of it.
    const says = 'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.';
    relay.restart({ kill: { at: 4, when: 'after', survives: true, says } });
    expect((await relay.as(key).post('/v1/tasks', video())).status).toBe(402);
    expect(relay.effects.log.slice(0, 5)).toMatchObject({ 1: 'batch', 3: 'batch', 4: 'batch' });
    expect((await relay.as(key).get('/v1/tasks')).body.data).toEqual([]);
  });

  it('has a caller ask again where nobody knows whether what upstream refused is forgotten', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 402, times: 2 });
    let batches = 0;
    relay.restart({
      kill: { at: 4, when: 'after', survives: true },
      trouble: (name) => (name === 'batch' && ++batches > 2 ? new Error(SAYS.overloaded) : null),
    });
    const post = async () => await relay.as(key).post('/v1/tasks', video(), { 'Idempotency-Key': 'a' });
    const { status, headers } = await post();
    expect([status, Number(headers.get('retry-after'))]).toEqual([503, 30]);
    relay.restart();
    expect((await post()).status).toBe(402);
    expect((await relay.as(key).get('/v1/tasks')).body.data).toEqual([]);
  });

  it('at the daily limit says so, asks for an hour at the most, and no longer than to midnight UTC', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    relay.restart({ trouble: onWrites(SAYS['no more writes']) });
    const refused = async () => await relay.as(key).post('/v1/tasks', video());
    const early = await refused();
    expect(early.headers.get('retry-after')).toBe('3600');
    expect(early.body.detail).toContain('daily limit');
    relay.clock.advance(8 * 3_600_000 + 59 * 60_000);
    expect((await refused()).headers.get('retry-after')).toBe('60');
    expect((await relay.as(key).get('/v1/tasks')).body.data).toEqual([]);
    relay.restart();
    expect((await refused()).status).toBe(202);
  });

  it.each(Object.entries(SAYS))(
    'stops the tick, which is no failure of the Worker: %s',
    async (_what, message) => {
      const relay = await startRelay({ timeScale: 0.05 });
      const receiver = relay.receiver('hooks.example.com');
      const { key } = await relay.client();
      const callback = { callback_url: 'https://hooks.example.com/1' };
      const { body: task } = await relay.as(key).post('/v1/tasks', video('a fox', callback));
      relay.restart({ trouble: always(message) });
      await fireCron(relay.services);
      expect(logged.filter(({ level }) => level === 'error')).toEqual([]);
      expect(logged.at(-1)).toMatchObject({ level: 'warning', trouble: databaseTrouble(new Error(message)) });

      relay.restart();
      relay.clock.advance(60_000);
      await relay.tickUntil(async () => receiver.received.length > 0);
      expect((await relay.as(key).get(`/v1/tasks/${task.id}`)).body.callback.state).toBe('delivered');
      expect(receiver.received).toHaveLength(1);
    },
  );

  it('that gives out in the middle of a tick, at any statement, leaves no task lost or half written', async () => {
    for (let at = 1; at < 60; at++) {
      const relay = await startRelay({ timeScale: 0.05, vars: { TICK_SECONDS: '9' } });
      const receiver = relay.receiver('hooks.example.com');
      const { key } = await relay.client();
      const callback = { callback_url: 'https://hooks.example.com/1' };
      const { body: task } = await relay.as(key).post('/v1/tasks', video('a fox', callback));
      let statements = 0;
      relay.restart({
        trouble: (name) => (!isFetch(name) && ++statements >= at ? new Error(SAYS['no more writes']) : null),
      });
      await fireCron(relay.services);
      const wasReached = statements >= at;
      relay.restart();
      relay.clock.advance(60_000);
      const current = async () => (await relay.as(key).get(`/v1/tasks/${task.id}`)).body;
      await relay.tickUntil(async () => (await current()).callback.state === 'delivered');
      expect(await current(), `from statement ${at} on`).toMatchObject({
        state: 'succeeded',
        callback: { state: 'delivered' },
      });
      expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      expect(relay.simulator.snapshot().tasks).toHaveLength(1);
      if (!wasReached) return;
    }
    throw new Error('a tick has more statements than that: raise the bound');
  });

  it('is told by /healthz in its own words', async () => {
    const relay = await startRelay();
    relay.restart({ trouble: always(SAYS['no more reads']) });
    const response = await relay.request('/healthz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('daily limit'),
    });
  });
});

describe('an error of D1 that passes', () => {
  it.each([
    ['making a client', '/admin/clients', { name: 'x' }, 201],
    ['a task', '/v1/tasks', video(), 202],
  ])('does not show where the statement may be carried out twice: %s', async (_what, path, body, status) => {
    const relay = await startRelay();
    const { key } = await relay.client();
    let failures = 2;
    relay.restart({
      trouble: (name) =>
        name.startsWith('insert into') && failures-- > 0 ? new Error(`D1_ERROR: ${SAYS.lost}`) : null,
    });
    const caller = path.startsWith('/admin') ? relay.admin() : relay.as(key);
    expect((await caller.post(path, body)).status).toBe(status);
  });

  it('gives a client a key that works, although the answer to its insert was lost', async () => {
    const relay = await startRelay();
    // The first effect of the process is the insert: it happens, and its answer is lost.
    relay.restart({ kill: { at: 1, when: 'after', survives: true } });
    const { status, body } = await relay.admin().post('/admin/clients', { name: 'x' });
    expect(status).toBe(201);
    expect((await relay.as(body.key).get('/v1/client')).body.id).toBe(body.id);
    expect((await relay.admin().get('/admin/clients')).body.data).toHaveLength(1);
  });
});

describe('a chore that breaks', () => {
  it('is logged, and holds up no task', async () => {
    const relay = await startRelay({ timeScale: 0.05 });
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video());
    let batches = 0;
    relay.restart({
      // The tidying is in the tick's first request.
      trouble: (name) =>
        name === 'batch' && batches++ === 0 ? new Error('D1_ERROR: no such column: x') : null,
    });
    await relay.tick();
    expect((await relay.as(key).get(`/v1/tasks/${body.id}`)).body.state).toBe('succeeded');
    expect(logged.filter(({ level }) => level === 'error')).toMatchObject([
      { message: expect.stringContaining('tidying') },
    ]);
  });
});

it('the Worker is handed the cron and does not reject where the database is overloaded', async () => {
  const worker = (await import('../../src/index.ts')).default;
  const DB = new Proxy(env.DB, {
    get: (target, property) => {
      if (property === 'prepare') throw new Error(SAYS.overloaded);
      return Reflect.get(target, property);
    },
  });
  await worker.scheduled({ cron: '* * * * *', scheduledTime: 0, noRetry: () => undefined }, { ...env, DB });
  expect(logged.at(-1)).toMatchObject({ level: 'warning', trouble: 'overloaded' });
});

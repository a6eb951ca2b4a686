import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fireCron } from '../../src/engine/cron.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

/** What Cloudflare's D1 page allows one invocation. */
const FREE = 50;
const MINUTE_MS = 60_000;
const HOOK = 'https://hooks.example.com';
const TOO_MANY = 'Too many API requests by single worker invocation.';

const logged: Record<string, unknown>[] = [];
beforeEach(() => {
  logged.length = 0;
  for (const level of ['log', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((line: string) => void logged.push(JSON.parse(line)));
  }
});

const isFetch = (name: string) => /^(GET|POST) \//.test(name);

/** The requests to D1 that `work` makes. */
async function requestsOf(relay: Relay, work: () => Promise<unknown>): Promise<number> {
  const before = relay.effects.log.length;
  await work();
  return relay.effects.log.slice(before).filter((name) => !isFetch(name)).length;
}

async function post(relay: Relay, key: string, count: number, prompt = ''): Promise<void> {
  for (let row = 0; row < count; row++) {
    await relay.as(key).post('/v1/tasks', video(prompt, { callback_url: `${HOOK}/${row}` }));
  }
}

/** Crons, a minute apart; the requests to D1 of each. */
async function minutes(relay: Relay, count: number): Promise<number[]> {
  const requests: number[] = [];
  for (let minute = 0; minute < count; minute++) {
    const startedAt = relay.clock.now();
    requests.push((await relay.tick()).d1_requests);
    relay.clock.advance(Math.max(0, startedAt + MINUTE_MS - relay.clock.now()));
  }
  return requests;
}

describe('a tick on the Free plan', () => {
  it('asks D1 half as often as it may while there is nothing to do, in every minute of an hour', async () => {
    const relay = await startRelay();
    for (const requests of await minutes(relay, 60)) expect(requests).toBeLessThanOrEqual(FREE / 2);
  }, 60_000);

  it('asks one small question each 15 s while nothing is here, and nothing else', async () => {
    const relay = await startRelay();
    // The first tick of an hour sums what is over for the console.
    await relay.tick();
    const before = relay.effects.log.length;
    await relay.tick();
    const question = 'select exists (select';
    expect(relay.effects.log.slice(before)).toEqual([
      'batch',
      question,
      question,
      question,
      'update ticks set',
    ]);
  });

  it.each([
    ['while nothing is here', []],
    ['while it has tasks in hand', ['[slow:600]', '[slow:600]']],
  ])('sees within 15 s what is asked for while it sleeps, %s', async (_, others) => {
    const relay = await startRelay();
    const receiver = relay.receiver('hooks.example.com');
    const me = relay.as((await relay.client()).key);
    const { body: task } = await me.post('/v1/tasks', video('', { callback_url: HOOK }));
    await relay.tickUntil(async () => receiver.received.length === 1);
    for (const prompt of others) await me.post('/v1/tasks', video(prompt));
    const ticking = relay.tick();
    await relay.clock.sleep(19_000);
    const askedAt = relay.clock.now();
    expect((await me.post(`/v1/tasks/${task.id}/redeliver`)).status).toBe(202);
    await ticking;
    expect(receiver.received).toHaveLength(2);
    expect((receiver.received[1]?.at ?? Infinity) - askedAt).toBeLessThanOrEqual(16_000);
  });

  it('says in its report how often it asked, the heartbeat included', async () => {
    const relay = await startRelay();
    let reported = 0;
    const requests = await requestsOf(relay, async () => {
      reported = (await relay.tick()).d1_requests;
    });
    expect(reported).toBe(requests);
    const { body } = await relay.admin().get('/admin/stats');
    expect(body.last_tick.counts.d1_requests).toBe(requests);
  });

  it('calls back within seconds for the whole minute while three tasks run at a time', async () => {
    const relay = await startRelay();
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    const ticking = minutes(relay, 8);
    for (let row = 0; row < 12; row++) {
      await relay.as(key).post('/v1/tasks', video(`[slow:${75 + row * 2}]`, { callback_url: HOOK }));
      await relay.clock.sleep(30_000);
    }
    for (const requests of await ticking) expect(requests).toBeLessThanOrEqual(FREE);
    expect(receiver.received).toHaveLength(12);
    for (const { at, body } of receiver.received) {
      expect(at - Date.parse(JSON.parse(body).completed_at)).toBeLessThan(10_000);
    }
    expect(logged.filter(({ level }) => level !== 'info')).toEqual([]);
  }, 60_000);

  it('ends early where more comes to its end than it has requests for; what was sent is written, and the next goes on', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    await post(relay, key, 150);
    const startedAt = relay.clock.now();
    expect(await requestsOf(relay, relay.tick)).toBeLessThanOrEqual(FREE);
    expect(logged.map(({ message }) => message)).toContain(
      'the tick ended early: its requests to D1 are used up; the next one carries on',
    );
    const { data } = (await relay.as(key).get('/v1/tasks?state=succeeded&limit=100')).body;
    const delivered = data.filter(
      (task: { callback: { state: string } }) => task.callback.state === 'delivered',
    );
    expect(delivered).toHaveLength(receiver.received.length);
    expect(receiver.received.length).toBeGreaterThan(10);

    relay.clock.advance(Math.max(0, startedAt + MINUTE_MS - relay.clock.now()));
    for (const requests of await minutes(relay, 15)) expect(requests).toBeLessThanOrEqual(FREE);
    expect(receiver.received).toHaveLength(150);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(150);
  });
});

describe('what is in flight when the requests run out', () => {
  it('is still written, with receivers that answer late', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { CALLBACK_TIMEOUT_SECONDS: '10' } });
    const late = Array.from({ length: 5 }, (_, row) =>
      relay.receiver(`late-${row}.example.com`, ['hang', { status: 200 }]),
    );
    const well = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    for (let row = 0; row < 5; row++) {
      await relay.as(key).post('/v1/tasks', video('', { callback_url: `https://late-${row}.example.com/` }));
    }
    await post(relay, key, 50);
    expect(await requestsOf(relay, relay.tick)).toBeLessThanOrEqual(FREE);
    const { data } = (await relay.as(key).get('/v1/tasks?state=succeeded&limit=100')).body;
    const attempts = data.reduce(
      (sum: number, task: { callback: { attempts: number } }) => sum + task.callback.attempts,
      0,
    );
    expect(attempts).toBe([...late, well].reduce((sum, { received }) => sum + received.length, 0));
    expect(logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a tick on the Paid plan', () => {
  it('brings two hundred tasks of one client to delivery with fewer requests than tasks', async () => {
    const relay = await startRelay({
      vars: { SUBREQUEST_BUDGET: '9000', UPSTREAM_API_KEY: 'sk-sandbox-unlimited' },
    });
    const receiver = relay.receiver('hooks.example.com');
    const me = relay.as((await relay.client()).key);
    for (let row = 0; row < 200; row++) {
      await me.post('/v1/tasks', video(`[slow:${5 + row / 8}]`, { callback_url: `${HOOK}/${row}` }));
    }
    const { d1_requests: requests } = await relay.tick();
    expect(receiver.received).toHaveLength(200);
    expect(requests).toBeLessThan(200);
  });
});

describe('an invocation that the platform cuts off', () => {
  it('asks D1 no more, says so in one warning, and leaves the rest to the next', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    await post(relay, key, 20);
    let requests = 0;
    relay.restart({ trouble: (name) => (!isFetch(name) && ++requests > 20 ? new Error(TOO_MANY) : null) });
    await fireCron(relay.services);
    // A look and a write may have been under way together.
    expect(requests).toBeLessThanOrEqual(20 + 2);
    expect(logged.at(-1)).toMatchObject({ level: 'warning', trouble: 'too-many-requests' });
    expect(logged.filter(({ level }) => level === 'error')).toEqual([]);

    relay.restart();
    relay.clock.advance(MINUTE_MS);
    await minutes(relay, 4);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(20);
  });
});

describe('a request that waits', () => {
  it('for another with its key asks D1 fewer than 30 times', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    await relay.fault({ kind: 'hang', endpoint: 'createTask' });
    const send = async () => await relay.as(key).post('/v1/tasks', video(), { 'Idempotency-Key': 'row-1' });
    const requests = await requestsOf(relay, async () => await Promise.all([send(), send()]));
    // Both together, and the one that is stored asks too.
    expect(requests).toBeLessThan(30 + 10);
  });

  it('for the end of its task as long as it may asks D1 fewer than 30 times', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const requests = await requestsOf(relay, async () => {
      const answer = await relay.as(key).post('/v1/tasks', video('[never]'), { Prefer: 'wait=25' });
      expect(answer.status).toBe(202);
    });
    expect(requests).toBeLessThan(30);
  });
});

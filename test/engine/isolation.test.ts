import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const VARS = {
  SUBREQUEST_BUDGET: '2000',
  CALLBACK_TIMEOUT_SECONDS: '15',
  RETRY_DELAYS_SECONDS: '60,60,60,60,60,60',
};

async function post(relay: Relay, key: string, host: string, count: number) {
  for (let row = 0; row < count; row++) {
    // Of tasks of one millisecond nobody knows which comes first.
    relay.clock.advance(1);
    await relay.as(key).post('/v1/tasks', video('', { callback_url: `https://${host}/${row}` }));
  }
}

async function health(host: string) {
  return await env.DB.prepare('select * from receivers where host = ?1')
    .bind(host)
    .first<Record<string, number | null>>();
}

describe('receivers that hang', () => {
  it.each([1, 5])('delay no healthy one, though half of all callbacks go to %i of them', async (hosts) => {
    const relay = await startRelay({ timeScale: 0, vars: VARS });
    const { key } = await relay.client();
    const healthy = relay.receiver('healthy.example.com');
    // Of one client's receivers that nobody knows three are tried at once: it is among the first.
    await post(relay, key, 'healthy.example.com', 20);
    for (let i = 0; i < hosts; i++) {
      relay.receiver(`dead-${i}.example.com`, ['hang']);
      await post(relay, key, `dead-${i}.example.com`, 20 / hosts);
    }
    const startedAt = relay.clock.now();
    await relay.tick();
    const waits = healthy.received.map(({ at }) => at - startedAt).sort((a, b) => a - b);
    expect(waits).toHaveLength(20);
    expect(waits[10]).toBeLessThan(16_000);
    // Only the first ones may have had to wait until the host was known to answer.
    expect(waits.at(-1)).toBeLessThan(46_000);
  });

  it('delay nobody once a host is known to answer', async () => {
    const relay = await startRelay({ timeScale: 0, vars: VARS });
    const { key } = await relay.client();
    const healthy = relay.receiver('healthy.example.com');
    relay.receiver('dead.example.com', ['hang']);
    await post(relay, key, 'healthy.example.com', 1);
    await relay.tick();
    await post(relay, key, 'dead.example.com', 20);
    await post(relay, key, 'healthy.example.com', 20);
    const startedAt = relay.clock.now();
    await relay.tick();
    const waits = healthy.received.slice(1).map(({ at }) => at - startedAt);
    expect(waits).toHaveLength(20);
    for (const wait of waits) expect(wait).toBeLessThan(5_000);
  });

  it('open their breaker: callbacks then wait without using attempts up, and one probe closes it', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { ...VARS, CALLBACK_TIMEOUT_SECONDS: '4' } });
    const { key } = await relay.client();
    const receiver = relay.receiver('sleepy.example.com', [
      ...Array.from({ length: 14 }, () => 'hang' as const),
      { status: 200 },
    ]);
    await post(relay, key, 'sleepy.example.com', 12);
    await relay.tickUntil(
      async () => ((await health('sleepy.example.com'))?.['open_until'] ?? null) !== null,
      5,
    );
    expect(await health('sleepy.example.com')).toMatchObject({ openings: 1 });
    const { data } = (await relay.as(key).get('/v1/tasks')).body;
    expect(data.every(({ callback }: { callback: { attempts: number } }) => callback.attempts <= 2)).toBe(
      true,
    );

    await relay.tickUntil(
      async () => (await relay.admin().get('/admin/stats')).body.callbacks.delivered === 12,
      10,
    );
    expect((await relay.admin().get('/admin/stats')).body.callbacks).toMatchObject({
      delivered: 12,
      failed: 0,
    });
    expect(await health('sleepy.example.com')).toMatchObject({ silences: 0, open_until: null });
    expect(receiver.received.length).toBeLessThan(12 + 20);
  });
});

describe('callbacks to a host whose breaker is open', () => {
  const DEAD = 'dead.example.com';
  const isOpen = async () => ((await health(DEAD))?.['openings'] ?? 0) > 0;

  it('wait but for one, which is tried each time that the breaker lets one through; so do those that become due meanwhile', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { ...VARS, CALLBACK_TIMEOUT_SECONDS: '4' } });
    const { key } = await relay.client();
    const dead = relay.receiver(DEAD, ['hang']);
    await post(relay, key, DEAD, 30);
    await relay.tickUntil(isOpen, 5);

    const before = dead.received.length;
    await post(relay, key, DEAD, 10);
    for (let minute = 0; minute < 30; minute++) await relay.tickUntil(async () => false, 1);
    // One is tried each time that the breaker lets one through: about every five minutes.
    expect(dead.received.length - before).toBeGreaterThanOrEqual(5);
    expect(dead.received.length - before).toBeLessThan(20);
    // They wait by their own clock, as the owner sees it, and not for hours.
    const { data } = (await relay.as(key).get('/v1/tasks?limit=100')).body;
    for (const { callback } of data)
      expect(Date.parse(callback.next_attempt_at)).toBeLessThan(relay.clock.now() + 120_000);
  });

  it('come as soon as the host answers one of them', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { ...VARS, CALLBACK_TIMEOUT_SECONDS: '4' } });
    const { key } = await relay.client();
    relay.receiver(DEAD, ['hang']);
    await post(relay, key, DEAD, 30);
    await relay.tickUntil(async () => ((await health(DEAD))?.['openings'] ?? 0) >= 8, 60);
    const well = relay.receiver(DEAD);
    await relay.tickUntil(async () => well.received.length > 0, 8);
    await relay.tick();
    expect((await relay.admin().get('/admin/stats')).body.callbacks).toMatchObject({
      delivered: 30,
      failed: 0,
    });
    const [first] = well.received;
    expect((well.received.at(-1)?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(120_000);
  });

  it('come with its first answer, though they wait for their hour', async () => {
    const relay = await startRelay({
      timeScale: 0,
      vars: { ...VARS, CALLBACK_TIMEOUT_SECONDS: '4', RETRY_DELAYS_SECONDS: '3600,3600' },
    });
    const { key } = await relay.client();
    relay.receiver(DEAD, ['hang']);
    await post(relay, key, DEAD, 12);
    await relay.tickUntil(isOpen, 5);
    const well = relay.receiver(DEAD);
    await relay.tickUntil(async () => well.received.length >= 12, 8);
    const times = well.received.map(({ at }) => at);
    expect(times).toHaveLength(12);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(60_000);
  });
});

describe('a receiver with a documented rate', () => {
  it.each([
    ['one address', () => 'https://hooks.slack.com/services/T1/B1/x'],
    ['several addresses', (row: number) => `https://hooks.slack.com/services/T1/B1/${row % 5}`],
  ])('delays no other, however many callbacks to %s of it wait', async (_what, url) => {
    const relay = await startRelay({ timeScale: 0, vars: VARS });
    const { key } = await relay.client();
    relay.receiver('hooks.slack.com');
    for (let row = 0; row < 60; row++)
      await relay.as(key).post('/v1/tasks', video('', { callback_url: url(row) }));
    const healthy = relay.receiver('healthy.example.com');
    await post(relay, key, 'healthy.example.com', 3);
    const startedAt = relay.clock.now();
    await relay.tick();
    expect(healthy.received).toHaveLength(3);
    for (const { at } of healthy.received) expect(at - startedAt).toBeLessThan(5_000);
  });

  it('is called no faster than that', async () => {
    const relay = await startRelay({ timeScale: 0, vars: VARS });
    const { key } = await relay.client();
    const slack = relay.receiver('hooks.slack.com');
    for (let row = 0; row < 5; row++) {
      await relay
        .as(key)
        .post('/v1/tasks', video('', { callback_url: 'https://hooks.slack.com/services/T1/B1/x' }));
    }
    await relay.tick();
    expect(slack.received).toHaveLength(5);
    const gaps = slack.received.slice(1).map(({ at }, i) => at - (slack.received[i]?.at ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(1_000);
    for (const gap of gaps) expect(gap).toBeLessThan(3_000);
  });
});

describe('an n8n execution that had the callback already', () => {
  it('is delivered to, where the answer to an earlier attempt was lost', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { RETRY_DELAYS_SECONDS: '5,5' } });
    const { key } = await relay.client();
    const finished = '{"code":409,"message":"The execution \\"5 has finished already."}';
    relay.receiver('n8n.example.com', ['reset', { status: 409, body: finished }]);
    const callback_url = 'https://n8n.example.com/webhook-waiting/5?signature=abc';
    const { body } = await relay.as(key).post('/v1/tasks', video('', { callback_url }));
    await relay.tick();
    expect((await relay.as(key).get(`/v1/tasks/${body.id}`)).body.callback).toMatchObject({
      state: 'delivered',
      attempts: 2,
      last_status: 409,
    });
    const log = (await relay.as(key).get(`/v1/tasks/${body.id}/attempts`)).body.data;
    expect(log[1].detail).toMatch(/so the attempt whose answer was lost had arrived: delivered/);
  });
});

describe('notices to a failure URL that hangs', () => {
  it('delay no callback, however many there are', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { ...VARS, RETRY_DELAYS_SECONDS: '60' } });
    relay.receiver('gone.example.com', [{ status: 410 }]);
    relay.receiver('alerts.example.com', ['hang']);
    const healthy = relay.receiver('healthy.example.com');
    const { key } = await relay.client({ failure_callback_url: 'https://alerts.example.com/' });
    await post(relay, key, 'gone.example.com', 30);
    await relay.tick();
    await post(relay, key, 'healthy.example.com', 6);
    const startedAt = relay.clock.now();
    await relay.tick();
    expect(healthy.received).toHaveLength(6);
    for (const { at } of healthy.received) expect(at - startedAt).toBeLessThan(10_000);
  });

  it('delay no host that is known to answer, though new hosts hang beside them', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { ...VARS, RETRY_DELAYS_SECONDS: '60' } });
    relay.receiver('gone.example.com', [{ status: 410 }]);
    relay.receiver('alerts.example.com', ['hang']);
    const healthy = relay.receiver('healthy.example.com');
    const { key } = await relay.client({ failure_callback_url: 'https://alerts.example.com/' });
    await post(relay, key, 'healthy.example.com', 1);
    await relay.tick();
    await post(relay, key, 'gone.example.com', 1);
    for (let i = 0; i < 3; i++) {
      relay.receiver(`dead-${i}.example.com`, ['hang']);
      await post(relay, key, `dead-${i}.example.com`, 1);
    }
    const ticking = relay.tick();
    await relay.clock.sleep(6_000);
    await post(relay, key, 'healthy.example.com', 1);
    const postedAt = relay.clock.now();
    await ticking;
    expect(healthy.received).toHaveLength(2);
    expect((healthy.received.at(-1)?.at ?? Infinity) - postedAt).toBeLessThan(8_000);
  });
});

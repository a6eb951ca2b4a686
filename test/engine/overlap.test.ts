import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { webhookId } from '../../src/domain/ids.ts';
import { runCron } from '../../src/engine/cron.ts';
import { startRelay, video } from '../support/relay.ts';

describe('overlapping cron invocations', () => {
  it('share the work: each task is made once, ends once and is called back once', async () => {
    const relay = await startRelay({ timeScale: 0.1, vars: { SUBREQUEST_BUDGET: '500' } });
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    const ids: string[] = [];
    for (let row = 0; row < 12; row++) {
      const callback_url = `https://hooks.example.com/${row}`;
      ids.push((await relay.as(key).post('/v1/tasks', video(`row ${row}`, { callback_url }))).body.id);
    }

    const services = relay.services;
    await Promise.all([runCron(services), runCron(services), runCron(services)]);

    const { data } = (await relay.as(key).get('/v1/tasks?limit=100')).body;
    expect(data.map(({ state }: { state: string }) => state)).toEqual(ids.map(() => 'succeeded'));
    expect(receiver.received.map(({ url }) => url).sort()).toEqual(
      ids.map((_, row) => `https://hooks.example.com/${row}`).sort(),
    );
    expect(relay.simulator.snapshot().tasks).toHaveLength(ids.length);
  });

  it('poll a task no more often than one invocation does', async () => {
    const relay = await startRelay({ vars: { SUBREQUEST_BUDGET: '500', TICK_SECONDS: '30' } });
    const { key } = await relay.client();
    await relay.as(key).post('/v1/tasks', video('[never]'));
    const services = relay.services;
    const reports = await Promise.all([runCron(services), runCron(services)]);
    const polls = reports.reduce((sum, report) => sum + report.polls, 0);
    expect(polls).toBeGreaterThan(5);
    expect(polls).toBeLessThanOrEqual(10);
  });
});

describe('a cron invocation', () => {
  it('stops at its subrequest budget and leaves the rest to the next', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { SUBREQUEST_BUDGET: '5' } });
    const receiver = relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    for (let row = 0; row < 6; row++) {
      await relay.as(key).post('/v1/tasks', video('', { callback_url: `https://hooks.example.com/${row}` }));
    }
    relay.clock.advance(60_000);
    const fetchesBefore = relay.effects.log.length;
    await relay.tick();
    const fetches = relay.effects.log.slice(fetchesBefore).filter((name) => /^(GET|POST) /.test(name));
    expect(fetches).toHaveLength(5);
    await relay.tickUntil(async () => receiver.received.length === 6);
    expect(receiver.received).toHaveLength(6);
  });

  it('writes nothing for the polls that find nothing new, but one claim for those of a whole tick', async () => {
    const relay = await startRelay({ vars: { TICK_SECONDS: '40', SUBREQUEST_BUDGET: '200' } });
    const { key } = await relay.client();
    relay.clock.advance(60_000);
    await relay.tick();
    await relay.as(key).post('/v1/tasks', video('[never]'));
    const before = relay.effects.rowsWritten;
    const { polls } = await relay.tick();
    expect(polls).toBeGreaterThan(5);
    // The heartbeat's two, and the lease.
    expect(relay.effects.rowsWritten - before).toBe(3);
  });

  it('does not poll a task by its plan any more that was canceled while it held it', async () => {
    const relay = await startRelay({ vars: { SUBREQUEST_BUDGET: '200' } });
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video('[never]'));
    const ticking = relay.tick();
    await relay.clock.sleep(10_000);
    const canceledAt = relay.clock.now();
    await relay.as(key).post(`/v1/tasks/${body.id}/cancel`);
    const polled = () =>
      Object.values(relay.simulator.snapshot().calls.recordInfo).reduce((a, b) => a + b, 0);
    await relay.clock.sleep(3_000);
    const before = polled();
    await ticking;
    expect(relay.clock.now() - canceledAt).toBeGreaterThan(20_000);
    // But for whether upstream has ended it, which is looked at now and then.
    expect(polled() - before).toBeLessThanOrEqual(3);
  });

  it('gives back what it still holds when its budget is used up', async () => {
    const relay = await startRelay({ timeScale: 0.2, vars: { SUBREQUEST_BUDGET: '8' } });
    relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    for (let row = 0; row < 3; row++) {
      await relay.as(key).post('/v1/tasks', video('', { callback_url: `https://hooks.example.com/${row}` }));
    }
    await relay.tick();
    const { results } = await env.DB.prepare('select due_at from tasks where completed_at is null').all<{
      due_at: number;
    }>();
    for (const { due_at } of results) expect(due_at).toBeLessThan(relay.clock.now() + 10_000);
  });

  it('writes nothing but its heartbeat while nothing is due', async () => {
    const relay = await startRelay();
    // Once an hour, on the hour, what nobody uses is forgotten too, and the hour that is over is summed.
    relay.clock.advance(60_000);
    await relay.tick();
    const before = relay.effects.rowsWritten;
    await relay.tick();
    // As it begins and as it ends.
    expect(relay.effects.rowsWritten - before).toBe(2);
  });

  it('purges tasks that ended longer ago than the retention, with their attempts', async () => {
    const relay = await startRelay({ timeScale: 0, vars: { RETENTION_DAYS: '1' } });
    relay.receiver('hooks.example.com');
    const { key } = await relay.client();
    const { body } = await relay
      .as(key)
      .post('/v1/tasks', video('', { callback_url: 'https://hooks.example.com/1' }));
    await relay.tick();
    expect((await relay.as(key).get(`/v1/tasks/${body.id}/attempts`)).body.data).toHaveLength(1);
    relay.clock.advance(23 * 3_600_000);
    await relay.tick();
    expect((await relay.as(key).get(`/v1/tasks/${body.id}`)).status).toBe(200);
    relay.clock.advance(2 * 3_600_000);
    await relay.tick();
    expect((await relay.as(key).get(`/v1/tasks/${body.id}`)).status).toBe(404);
    expect(await relay.services.stores.deliveries.attempts(webhookId(body.id))).toEqual([]);
  });
});

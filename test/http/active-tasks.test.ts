import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';

const MINUTE_MS = 60_000;

/** A client that may have one task active, with one that runs and one that waits for it. */
async function start(prompt: string, more: Record<string, unknown> = {}) {
  const relay = await startRelay();
  const me = relay.as((await relay.client({ max_active_tasks: 1 })).key);
  const first: string = (await me.post('/v1/tasks', video(prompt, more))).body.id;
  const second: string = (await me.post('/v1/tasks', video('[never]'))).body.id;
  const state = async (id: string): Promise<string> => (await me.get(`/v1/tasks/${id}`)).body.state;
  const active = async (): Promise<number> => (await me.get('/v1/client')).body.active_tasks;
  const upstreamHas = () => relay.simulator.snapshot().tasks.length;
  /** How long it takes until the second one runs. */
  const untilSecondRuns = async (): Promise<number> => {
    const startedAt = relay.clock.now();
    await relay.tickUntil(async () => (await state(second)) === 'running', 14);
    const { submitted_at: at } = (await me.get(`/v1/tasks/${second}`)).body;
    return Date.parse(at) - startedAt;
  };
  expect([await state(first), await state(second)]).toEqual(['running', 'queued']);
  return { relay, me, first, second, state, active, upstreamHas, untilSecondRuns };
}

describe('a task that has ended here, and that upstream still runs,', () => {
  it('counts as active where it was canceled, until upstream has ended it', async () => {
    const { me, first, second, active, upstreamHas, untilSecondRuns } = await start('[slow:100]');
    await me.post(`/v1/tasks/${first}/cancel`);
    expect((await me.get(`/v1/tasks/${second}`)).body.queue).toMatchObject({ reason: 'client_limit' });
    expect([await active(), upstreamHas()]).toEqual([1, 1]);
    const waitedMs = await untilSecondRuns();
    expect(waitedMs).toBeGreaterThanOrEqual(100_000);
    expect(waitedMs).toBeLessThan(100_000 + 2 * MINUTE_MS);
    expect(await active()).toBe(1);
  });

  it('counts for ten minutes, where upstream never ends it', async () => {
    const { me, first, untilSecondRuns, upstreamHas } = await start('[never]');
    await me.post(`/v1/tasks/${first}/cancel`);
    const waitedMs = await untilSecondRuns();
    expect(waitedMs).toBeGreaterThanOrEqual(10 * MINUTE_MS);
    expect(waitedMs).toBeLessThan(12 * MINUTE_MS);
    expect(upstreamHas()).toBe(2);
  });

  it('counts where it was erased, and nothing else of it is left', async () => {
    const { me, first, active, state, second, untilSecondRuns } = await start('[slow:100]');
    await me.post(`/v1/tasks/${first}/cancel`);
    expect((await me.delete(`/v1/tasks/${first}`)).status).toBe(204);
    expect([await active(), await state(second)]).toEqual([1, 'queued']);
    expect(await untilSecondRuns()).toBeGreaterThanOrEqual(100_000);
  });

  it('counts where it timed out, until upstream has ended it', async () => {
    const { relay, first, second, state, active, untilSecondRuns } = await start('[slow:200]', {
      timeout_seconds: 60,
    });
    await relay.tickUntil(async () => (await state(first)) === 'failed');
    expect([await state(second), await active()]).toEqual(['queued', 1]);
    await untilSecondRuns();
    expect(relay.clock.now() - Date.UTC(2026, 10, 22, 15)).toBeGreaterThanOrEqual(200_000);
    expect(await active()).toBe(1);
  });

  it('does not count where upstream never had it', async () => {
    const { me, first, second, active } = await start('[never]');
    await me.post(`/v1/tasks/${second}/cancel`);
    expect(await active()).toBe(1);
    await me.post(`/v1/tasks/${first}/cancel`);
    expect(await active()).toBe(1);
  });

  it('lets no client hold more of upstream than its limit, however often it cancels and posts', async () => {
    const { relay, me, first, upstreamHas } = await start('[never]');
    await me.post(`/v1/tasks/${first}/cancel`);
    for (let i = 0; i < 5; i++) {
      const { body } = await me.post('/v1/tasks', video('[never]'));
      expect(body).toMatchObject({ state: 'queued', queue: { reason: 'client_limit' } });
      await me.post(`/v1/tasks/${body.id}/cancel`);
      await relay.tick();
    }
    expect(upstreamHas()).toBe(1);
  });

  it('says nothing to other clients of the same key', async () => {
    const { relay, me, first } = await start('[never]');
    await me.post(`/v1/tasks/${first}/cancel`);
    const other = relay.as((await relay.client({ max_active_tasks: 1 })).key);
    expect((await other.post('/v1/tasks', video())).body.state).toBe('running');
    expect((await other.get('/v1/client')).body.active_tasks).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';

import { createApp } from '../../src/http/app.ts';
import { startRelay, video } from '../support/relay.ts';

describe('a client with a daily credit limit', () => {
  it('is told what is left when a task would exceed it', async () => {
    const relay = await startRelay();
    const { key } = await relay.client({ daily_credit_limit: 1_000 });
    const me = relay.as(key);
    await me.post('/v1/tasks', video());
    await me.post('/v1/tasks', video());
    const answer = await me.post('/v1/tasks', video(), { 'Idempotency-Key': 'row-3' });
    expect(answer).toMatchObject({
      status: 402,
      body: { type: 'urn:problem-type:ringback:daily-credit-limit', status: 402 },
    });
    expect(answer.body.detail).toContain('1000 credits a day, and 200 are left');
    expect(relay.simulator.snapshot().tasks).toHaveLength(2);
    expect((await me.get('/v1/tasks')).body.data).toHaveLength(2);
    expect((await me.get('/v1/client')).body.credits_today).toBe(800);
  });

  it('may spend it to the last credit, and again after midnight UTC', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client({ daily_credit_limit: 400 })).key);
    expect((await me.post('/v1/tasks', video())).status).toBe(202);
    expect((await me.post('/v1/tasks', video())).status).toBe(402);
    relay.clock.advance(9 * 3_600_000 - 1);
    expect((await me.post('/v1/tasks', video())).status).toBe(402);
    relay.clock.advance(1);
    expect((await me.post('/v1/tasks', video())).status).toBe(202);
  });

  it('at its limit at midnight UTC is answered by the day that it posted on', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client({ daily_credit_limit: 400 })).key);
    await me.post('/v1/tasks', video());
    relay.clock.advance(9 * 3_600_000 - 1);
    let isOver = false;
    relay.restart({
      trouble: (name) => {
        // The day ends while its insert is on the way.
        if (!isOver && /^(insert|batch)/.test(name)) {
          isOver = true;
          relay.clock.advance(1);
        }
        return null;
      },
    });
    expect((await me.post('/v1/tasks', video())).status).toBe(402);
    expect(isOver).toBe(true);
    expect((await me.post('/v1/tasks', video())).status).toBe(202);
  });

  it('cannot exceed it by asking for many at once', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client({ daily_credit_limit: 1_000 })).key);
    const answers = await Promise.all(Array.from({ length: 10 }, () => me.post('/v1/tasks', video())));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(8);
  });

  it.each([
    ['no duration', { model: video().model, input: { prompt: 'x', resolution: '720p' } }],
    ['no resolution', { model: video().model, input: { prompt: 'x', duration: 5 } }],
    [
      'a model without a price',
      { model: 'seedance-2.0-fast-text-to-video', input: { prompt: 'x', duration: 5 } },
    ],
  ])('cannot be got around by a task whose cost nobody knows: %s', async (_what, body) => {
    const relay = await startRelay();
    const me = relay.as((await relay.client({ daily_credit_limit: 100_000 })).key);
    const answer = await me.post('/v1/tasks', body);
    expect(answer).toMatchObject({
      status: 402,
      body: { type: 'urn:problem-type:ringback:daily-credit-limit' },
    });
    expect(answer.body.detail).toContain('give duration and resolution');
    expect(relay.simulator.snapshot().tasks).toEqual([]);
    const free = relay.as((await relay.client()).key);
    expect((await free.post('/v1/tasks', body)).status).toBe(202);
  });

  it('has what a refused task would have cost', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client({ daily_credit_limit: 400 })).key);
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 422 });
    expect((await me.post('/v1/tasks', video())).status).toBe(422);
    expect((await me.get('/v1/client')).body.credits_today).toBe(0);
    expect((await me.post('/v1/tasks', video())).status).toBe(202);
  });

  it("has nothing to do with another client's", async () => {
    const relay = await startRelay();
    const one = relay.as((await relay.client({ daily_credit_limit: 400 })).key);
    const other = relay.as((await relay.client({ daily_credit_limit: 400 })).key);
    await one.post('/v1/tasks', video());
    expect((await other.post('/v1/tasks', video())).status).toBe(202);
  });

  it('is told in the envelope on the other surface', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client({ daily_credit_limit: 100 })).key);
    const answer = await me.post('/api/v1/jobs/createTask', video());
    expect(answer).toMatchObject({ status: 402, body: { code: 402, data: null } });
    expect(answer.body.msg).toContain('100 are left');
  });
});

describe('a client at its max_active_tasks', () => {
  it('has its further tasks kept here, and run as the others end', async () => {
    const relay = await startRelay({ timeScale: 0.05 });
    const me = relay.as((await relay.client({ max_active_tasks: 1 })).key);
    const first = await me.post('/v1/tasks', video());
    const second = await me.post('/v1/tasks', video());
    expect([first.body.state, second.body.state]).toEqual(['running', 'queued']);
    expect(relay.simulator.snapshot().tasks).toHaveLength(1);
    expect((await me.get('/v1/client')).body).toMatchObject({ active_tasks: 1, queued_tasks: 1 });

    const states = async () =>
      (await me.get('/v1/tasks')).body.data.map(({ state }: { state: string }) => state);
    await relay.tickUntil(async () => (await states()).every((state: string) => state === 'succeeded'));
    const [one, two] = relay.simulator.snapshot().tasks;
    expect(two?.createTime).toBeGreaterThanOrEqual(one?.endTime ?? Infinity);
  });
});

describe('a client', () => {
  it('can read what it is, may and has in flight', async () => {
    const relay = await startRelay();
    const settings = { name: 'zapier', max_active_tasks: 5, daily_credit_limit: 10_000 };
    const { id, key } = await relay.client(settings);
    const me = relay.as(key);
    expect((await me.get('/v1/client')).body).toEqual({
      id,
      ...settings,
      credits_today: 0,
      active_tasks: 0,
      queued_tasks: 0,
    });
    await me.post('/v1/tasks', video());
    await me.post('/v1/tasks', video());
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 500 });
    await me.post('/v1/tasks', video());
    expect((await me.get('/v1/client')).body).toEqual({
      id,
      ...settings,
      credits_today: 1_200,
      active_tasks: 2,
      queued_tasks: 1,
    });
  });

  it('without limits has none', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const { body } = await relay.as(key).get('/v1/client');
    expect(body).toMatchObject({ max_active_tasks: null, daily_credit_limit: null });
  });

  it('is told where there is no upstream key to serve it with', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const services = { ...relay.services, upstreamKey: async () => null };
    const answer = await createApp(services).request('https://relay.test/v1/tasks', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(video()),
    });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('UPSTREAM_API_KEY');
    expect((await relay.as(key).get('/v1/tasks')).body.data).toEqual([]);
  });
});

describe('a client at its own max_active_tasks', () => {
  it('holds up no other client of the same upstream key, and goes on when its own task ends', async () => {
    const relay = await startRelay({ timeScale: 0.1 });
    const narrow = relay.as((await relay.client({ max_active_tasks: 1 })).key);
    const wide = relay.as((await relay.client()).key);
    await narrow.post('/v1/tasks', video('first'));
    const second = await narrow.post('/v1/tasks', video('second'));
    expect(second.body.state).toBe('queued');
    expect((await wide.post('/v1/tasks', video('third'))).body.state).toBe('running');
    await relay.tick();
    const states = (await relay.admin().get('/admin/tasks')).body.data.map(
      ({ state }: { state: string }) => state,
    );
    expect(states).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });
});

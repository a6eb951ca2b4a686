import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { ScriptedAnswer } from '../support/receiver.ts';
import { independentSignature } from './independent-signature.ts';

const ALERTS = 'https://alerts.example.com/ops';
const MINUTE = 60_000;

interface Body {
  readonly type: string;
  readonly event_id: string;
}

async function start(events: string[], vars: Record<string, string> = {}) {
  const relay = await startRelay({ timeScale: 0, vars });
  const receiver = relay.receiver('alerts.example.com');
  const admin = relay.admin();
  const made = await admin.post('/admin/subscriptions', { url: ALERTS, events });
  const bodies = (): Body[] => receiver.received.map(({ body }) => JSON.parse(body));
  const ticks = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const startedAt = relay.clock.now();
      await relay.tick();
      relay.clock.advance(Math.max(0, startedAt + MINUTE - relay.clock.now()));
    }
  };
  return { relay, receiver, admin, made, bodies, ticks };
}

describe('a subscription of the operator', () => {
  it('has a secret of its own, which is shown once and signs what it is told', async () => {
    const { relay, receiver, admin, made } = await start(['task.succeeded']);
    expect([made.status, made.body.signing_secret]).toEqual([201, expect.stringMatching(/^whsec_/)]);
    expect(made.headers.get('location')).toBe(`https://relay.test/admin/subscriptions/${made.body.id}`);
    const again = await admin.post('/admin/subscriptions', { url: ALERTS, events: ['task.succeeded'] });
    expect([again.status, again.body.id, again.body.signing_secret]).toEqual([200, made.body.id, undefined]);
    expect((await admin.get('/admin/subscriptions')).body.data[0]).not.toHaveProperty('signing_secret');
    const client = await relay.client();
    await relay.as(client.key).post('/v1/tasks', video());
    await relay.tick();
    const [message] = receiver.received;
    expect(message?.headers['webhook-signature']).toBe(
      message && independentSignature(made.body.signing_secret, message),
    );
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ type: 'task.succeeded', client_id: client.id });
  });

  it('hears of all clients, and is in no list of theirs', async () => {
    const { relay, admin, bodies } = await start(['task.running', 'task.succeeded']);
    const [a, b] = [await relay.client(), await relay.client()];
    const task = (await relay.as(a.key).post('/v1/tasks', video())).body.id;
    await relay.as(b.key).post('/v1/tasks', video());
    await relay.tick();
    expect(bodies()).toHaveLength(4);
    expect((await relay.as(a.key).get(`/v1/tasks/${task}/deliveries`)).body.data).toEqual([]);
    expect((await relay.as(a.key).get('/v1/subscriptions')).body.data).toEqual([]);
    const { data } = (await admin.get('/admin/events')).body;
    expect(new Set(data.map(({ event_id: id }: Body) => id))).toEqual(
      new Set(bodies().map(({ event_id: id }) => id)),
    );
    expect((await relay.as(a.key).get('/v1/events')).body.data).toHaveLength(2);
  });
});

describe('operators are told', () => {
  it('once that a receiver does not answer, and once that it does again', async () => {
    const dead: ScriptedAnswer[] = Array.from({ length: 14 }, () => 'reset');
    const { relay, bodies, admin, ticks } = await start(['receiver.failing', 'receiver.recovered'], {
      RETRY_DELAYS_SECONDS: '10,10,10,10,10,10,10,10,10,10,600',
    });
    relay.receiver('dead.example.com', [...dead, { status: 200 }]);
    const client = await relay.client();
    for (let i = 0; i < 3; i++)
      await relay
        .as(client.key)
        .post('/v1/tasks', video('a fox', { callback_url: 'https://dead.example.com/1' }));
    await ticks(2);
    expect(bodies()).toMatchObject([
      {
        type: 'receiver.failing',
        client_id: client.id,
        host: 'dead.example.com',
        since: expect.stringMatching(/^2026-11-22T15:00/),
        pending: 3,
      },
    ]);
    await ticks(20);
    expect(bodies().map(({ type }) => type)).toEqual(['receiver.failing', 'receiver.recovered']);
    expect((await admin.get('/admin/events?type=receiver.recovered')).body.data).toEqual([bodies()[1]]);
    expect((await relay.as(client.key).get('/v1/events')).body.data).toHaveLength(6);
  });

  it('once that upstream does not answer properly, and once that it does again', async () => {
    const { relay, bodies, ticks } = await start(['upstream.failing', 'upstream.recovered']);
    const me = relay.as((await relay.client()).key);
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 500, times: 12 });
    await me.post('/v1/tasks', video());
    await ticks(3);
    expect(bodies()).toMatchObject([
      { type: 'upstream.failing', account_id: 'operator', client_id: null, queued: 1 },
    ]);
    await ticks(10);
    expect(bodies().map(({ type }) => type)).toEqual(['upstream.failing', 'upstream.recovered']);
  });

  it('at once that upstream refuses the key', async () => {
    const { relay, bodies, ticks } = await start(['upstream.failing']);
    const me = relay.as((await relay.client()).key);
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 401, times: 2 });
    expect((await me.post('/v1/tasks', video())).status).toBe(502);
    expect((await me.post('/v1/tasks', video())).status).toBe(502);
    await ticks(2);
    expect(bodies()).toHaveLength(1);
  });

  it('that the credits are used up, and again after upstream has taken a task', async () => {
    const { relay, bodies, ticks } = await start(['credits.exhausted']);
    const me = relay.as((await relay.client()).key);
    const credits = async (balance: number) =>
      await relay.upstreamKey({ key: 'sk-sandbox-enterprise', credits: balance });
    await credits(0);
    for (let i = 0; i < 3; i++) expect((await me.post('/v1/tasks', video())).status).toBe(402);
    await ticks(1);
    expect(bodies()).toMatchObject([{ type: 'credits.exhausted', account_id: 'operator' }]);
    await credits(400);
    expect((await me.post('/v1/tasks', video())).status).toBe(202);
    await credits(0);
    expect((await me.post('/v1/tasks', video())).status).toBe(402);
    await ticks(1);
    expect(bodies()).toHaveLength(2);
  });

  it('once a day that a client comes near its daily limit', async () => {
    const { relay, bodies, ticks } = await start(['spending.near']);
    const client = await relay.client({ daily_credit_limit: 2_000 });
    const me = relay.as(client.key);
    for (let i = 0; i < 3; i++) await me.post('/v1/tasks', video());
    await ticks(1);
    expect(bodies()).toEqual([]);
    for (let i = 0; i < 2; i++) await me.post('/v1/tasks', video());
    await ticks(1);
    expect(bodies()).toMatchObject([
      { type: 'spending.near', client_id: client.id, credits_today: 1_600, daily_credit_limit: 2_000 },
    ]);
    relay.clock.advance(86_400_000);
    for (let i = 0; i < 5; i++) await me.post('/v1/tasks', video());
    await ticks(1);
    expect(bodies()).toHaveLength(2);
  });

  it('no more often than once in ten minutes of a receiver that comes and goes', async () => {
    const { relay, bodies, ticks } = await start(['receiver.failing', 'receiver.recovered'], {
      RETRY_DELAYS_SECONDS: '5,5,5,5,5,5,5,5,5,5,5,5,5,5',
    });
    const silences: ScriptedAnswer[] = Array.from({ length: 11 }, () => 'reset');
    const round: ScriptedAnswer[] = [...silences, { status: 200 }];
    relay.receiver('flaps.example.com', [...round, ...round, ...round]);
    const me = relay.as((await relay.client()).key);
    for (let i = 0; i < 3; i++) {
      await me.post('/v1/tasks', video('a fox', { callback_url: 'https://flaps.example.com/1' }));
      await ticks(2);
    }
    const failing = bodies().filter(({ type }) => type === 'receiver.failing');
    expect(failing).toHaveLength(1);
  });

  it('nothing that is older than what is kept, and what told it is gone too', async () => {
    const { relay, admin, ticks } = await start(['credits.exhausted']);
    const me = relay.as((await relay.client()).key);
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 402, times: 1 });
    await me.post('/v1/tasks', video());
    await ticks(1);
    expect((await admin.get('/admin/events')).body.data).toHaveLength(1);
    relay.clock.advance(31 * 86_400_000);
    await ticks(1);
    expect((await admin.get('/admin/events')).body.data).toEqual([]);
    for (const table of ['events', 'deliveries'])
      expect(await env.DB.prepare(`select count(*) as n from ${table}`).first('n'), table).toBe(0);
  });
});

import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../src/domain/clock.ts';
import { independentSignature } from './http/independent-signature.ts';
import { KEY, KEY_OF_THEN, NOW, SEALED, SECRET, task } from './support/old-database.ts';
import {
  attemptsOf,
  bodyOf,
  CALLBACKS,
  databaseBefore,
  DEAD,
  HOOKS,
  noticeBody,
  PENDING,
  RECORD,
  RUNNING,
  SETTLED,
  WAITING,
  webhookId,
} from './support/old-stock.ts';
import type { ReceivedCallback } from './support/receiver.ts';
import { startRelay, video } from './support/relay.ts';
import type { Relay } from './support/relay.ts';

/** What is in flight is of the code that kept callbacks with their tasks. */
const BEFORE_DELIVERIES = env.TEST_MIGRATIONS.filter(({ name }) => name < '0012');

/** Upstream knows what runs, and one that was sent again, by the ids that the old code had asked with. */
async function knownUpstream(relay: Relay): Promise<void> {
  for (const name of [...RUNNING, 'sent-again']) {
    const answer = await relay.services.upstream.create({
      apiKey: name === 'of-own-key' ? 'sk-sandbox-pro' : 'sk-sandbox-enterprise',
      requestId: task(name),
      model: video().model,
      input: { ...video().input, prompt: task(name) },
    });
    if (answer.kind !== 'created') throw new Error(answer.message);
    await env.DB.prepare('update tasks set upstream_task_id = ?1 where id = ?2')
      .bind(answer.upstreamTaskId, task(name))
      .run();
  }
}

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly callback: Record<string, unknown> | null;
}

/** All tasks as their client sees them, by id. */
async function shown(relay: Relay): Promise<Map<string, Shown>> {
  const { body } = await relay.as(KEY).get('/v1/tasks?limit=100');
  return new Map(body.data.map((each: Shown) => [each.id, each]));
}

async function expectToldAsBefore(relay: Relay): Promise<void> {
  const tasks = await shown(relay);
  for (const [name, each] of Object.entries(CALLBACKS)) {
    const dueAt =
      each['callback_state'] === 'pending' ? Number(each['parked_due_at'] ?? each['due_at']) : null;
    expect(tasks.get(task(name))?.callback, name).toMatchObject({
      state: each['callback_state'],
      attempts: each['attempts'],
      last_status: each['last_status'] ?? null,
      next_attempt_at: dueAt === null ? null : isoTime(dueAt),
    });
  }
}

async function expectLog(relay: Relay, name: string, attempts: number): Promise<void> {
  const { body } = await relay.as(KEY).get(`/v1/tasks/${task(name)}/attempts`);
  const before = attemptsOf(CALLBACKS[name] ?? {}).map(({ number, detail }) => ({ number, detail }));
  expect(body.data.slice(0, before.length), name).toMatchObject(before);
  expect(body.data.map(({ number }: { number: number }) => number)).toEqual(
    Array.from({ length: attempts }, (_, i) => i + 1),
  );
}

async function expectLearned(hasLimits: boolean): Promise<void> {
  const key = await env.DB.prepare(`select * from upstream_keys where id = 'operator'`).first();
  expect(key).toMatchObject({
    submit_paused_until: NOW + 5_000,
    poll_paused_until: NOW + 4_000,
    active_limit: hasLimits ? 3 : null,
    refused_at: hasLimits ? NOW - 20_000 : null,
    ended_since_refusal: hasLimits ? 2 : 0,
    poll_interval_ms: hasLimits ? 500 : null,
  });
  const sealed = await env.DB.prepare(
    `select sealed_key from upstream_keys where id = 'account_upgrade'`,
  ).first();
  expect(sealed).toEqual({ sealed_key: SEALED.upstreamKey });
  const { results } = await env.DB.prepare(`select * from receivers order by host`).all();
  expect(results).toMatchObject([
    { host: DEAD, silences: 12, silent_since: NOW - 600_000, open_until: NOW + 15_000, openings: 2 },
    { host: HOOKS, silences: 0, answered_at: NOW - 2_000, open_until: null },
  ]);
}

const noticeId = (name: string, attempts: number) => `${webhookId(name)}_failed_${attempts}`;

/** Each message once, when it was due, and as it was; to nobody who was told before. */
function expectSent(received: readonly ReceivedCallback[]): void {
  const byId = new Map(received.map((each) => [each.headers['webhook-id'], each]));
  const ids = [
    ...[...Object.keys(PENDING), ...Object.keys(WAITING), ...RUNNING].map(webhookId),
    'msg_01kah0000000000000000000a1',
    noticeId('to-be-told', 11),
    noticeId('to-be-told-again', 3),
  ];
  expect(new Set(byId.keys())).toEqual(new Set(ids));
  expect(received).toHaveLength(byId.size);
  for (const each of received)
    expect(each.headers['webhook-signature']).toBe(independentSignature(SECRET, each));

  const sent = (name: string) => byId.get(webhookId(name));
  for (const name of Object.keys(PENDING).filter((one) => one !== 'as-record' && one !== 'sent-again'))
    expect(sent(name)?.body).toBe(bodyOf(name));
  expect(sent('as-record')?.body).toBe(RECORD);
  expect(JSON.parse(sent('sent-again')?.body ?? '').result_url).toMatch(/^https:\/\/(?!cdn\.example\.com)/);
  expect(byId.get(noticeId('to-be-told', 11))?.body).toBe(noticeBody('to-be-told', 11));
  expect(byId.get(noticeId('to-be-told-again', 3))?.body).toBe(noticeBody('to-be-told-again', 3));

  for (const name of ['retried', 'claimed', 'sent-again', 'sent-again-late'])
    expect(sent(name)?.at).toBeGreaterThanOrEqual(Number(PENDING[name]?.['due_at']));
  for (const name of ['parked', 'parked-for-long'])
    expect(sent(name)?.at).toBeGreaterThanOrEqual(NOW + 15_000);
  expect(byId.get(noticeId('to-be-told-again', 3))?.at).toBeGreaterThanOrEqual(NOW + 30_000);
}

/** How often each notice was tried, over all. */
async function expectNotices(attempts: Record<string, number>): Promise<void> {
  const { results } = await env.DB.prepare(
    `select url, about, attempts, due_at from deliveries where kind = 'notice'`,
  ).all();
  const tries = results.map((each) => [
    JSON.parse(String(each['about'])).url.split('/').at(-1),
    each['attempts'],
  ]);
  expect(Object.fromEntries(tries)).toEqual(attempts);
  for (const each of results) expect(each['due_at']).toBeNull();
}

/** Upstream was asked for each once, and not before it takes requests again. */
async function expectAsked(relay: Relay): Promise<void> {
  const { results } = await env.DB.prepare(
    'select id, submitted_at - ?1 as submitted from tasks where completed_at > ?1',
  )
    .bind(NOW)
    .all<{ id: string; submitted: number }>();
  expect(new Set(results.map(({ id }) => id))).toEqual(
    new Set([...Object.keys(WAITING), ...RUNNING].map(task)),
  );
  for (const name of Object.keys(WAITING))
    expect(results.find(({ id }) => id === task(name))?.submitted, name).toBeGreaterThanOrEqual(5_000);
  const requests = relay.simulator.snapshot().tasks.map(({ requestId }) => requestId);
  const asked = [...Object.keys(WAITING), ...RUNNING, 'sent-again'].map(task);
  expect(requests).toHaveLength(asked.length);
  expect(new Set(requests)).toEqual(new Set(asked));
}

describe('a database with tasks and callbacks in flight goes on to the end of each, as the old code would have,', () => {
  it.each(BEFORE_DELIVERIES.map(({ name }, i) => [name, i + 1] as const))(
    'where %s was the last to change it',
    async (_, migrations) => {
      await databaseBefore(migrations);
      const vars = { TICK_SECONDS: '55', MASTER_KEY_PREVIOUS: KEY_OF_THEN };
      const relay = await startRelay({ keepsData: true, timeScale: 0.05, vars });
      await expectToldAsBefore(relay);
      await expectLearned(migrations >= 3);

      await knownUpstream(relay);
      const [hooks, dead] = [relay.receiver(HOOKS), relay.receiver(DEAD)];
      // Well before the old clocks of those who waited for others.
      await relay.tickUntil(async () => relay.clock.now() > NOW + 420_000);
      expectSent([...hooks.received, ...dead.received]);
      await expectAsked(relay);

      const tasks = await shown(relay);
      for (const name of [...Object.keys(WAITING), ...RUNNING])
        expect(tasks.get(task(name)), name).toMatchObject({
          state: 'succeeded',
          callback: { state: 'delivered' },
        });
      for (const [name, each] of Object.entries(PENDING)) {
        const attempts = Number(each['attempts']) + 1;
        expect(tasks.get(task(name))?.callback, name).toMatchObject({ state: 'delivered', attempts });
        await expectLog(relay, name, attempts);
      }
      for (const [name, { attempts }] of Object.entries(SETTLED))
        await expectLog(relay, name, Number(attempts));
      await expectNotices({ told: 2, 'told-in-vain': 11, 'to-be-told': 1, 'to-be-told-again': 2 });
    },
  );
});

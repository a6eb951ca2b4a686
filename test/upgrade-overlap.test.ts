import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { oldCode } from './support/old-code.ts';
import type { OldAttempt } from './support/old-code.ts';
import {
  callback,
  CLIENT,
  insertClient,
  KEY,
  KEY_OF_THEN,
  NOW,
  row,
  succeeded,
  task,
} from './support/old-database.ts';
import type { Row } from './support/old-database.ts';
import { startRelay } from './support/relay.ts';
import type { Relay } from './support/relay.ts';

const HOST = 'hooks.example.com';
const ID = task('old');
const CALLBACK = ID.replace('task_', 'msg_');
const END: Row = {
  ...succeeded,
  result_json: '{"resultUrls":["https://cdn.example.com/1.mp4"]}',
  callback_state: 'pending',
};

let relay: Relay;
beforeEach(async () => {
  relay = await startRelay({ vars: { TICK_SECONDS: '55', MASTER_KEY_PREVIOUS: KEY_OF_THEN } });
  await insertClient();
});

/** A task in the hands of the old code, which knows its row as it wrote it last. */
async function oldTask(name = 'old') {
  let last: Row = {
    ...row(task(name), { state: 'accepting', revision: 0, due_at: NOW + 25_000 }),
    ...callback(name, 'waiting', HOST),
  };
  await oldCode.insert(last);
  return {
    get row() {
      return last;
    },
    settle: async (changes: Row, attempt?: OldAttempt) => {
      last = { ...last, ...changes, revision: Number(last['revision']) + 1 };
      await oldCode.settle(last, attempt);
    },
    claim: async (until: number) => {
      const isOwned = await oldCode.claim(last, until);
      if (isOwned) last = { ...last, due_at: until };
      return isOwned;
    },
  };
}

async function delivery(id = CALLBACK): Promise<Record<string, unknown> | null> {
  return await env.DB.prepare('select * from deliveries where id = ?1').bind(id).first();
}

const receiverLane = async () => await env.DB.prepare('select * from receivers').first();
const keyLane = async (id: string) =>
  await env.DB.prepare('select * from upstream_keys where id = ?1').bind(id).first();

const failedOnce: Row = {
  attempts: 1,
  last_status: 500,
  retries: 1,
  answer_lost: 1,
  first_attempt_at: NOW + 100,
};
const givenUp: Row = {
  callback_state: 'failed',
  attempts: 2,
  last_status: 410,
  due_at: NOW + 2_000,
  notice_state: 'pending',
  notice_at: NOW + 2_000,
};

describe('what the old code writes over the new tables, until the new code is up:', () => {
  it('an end is a delivery, and its claim puts it off', async () => {
    const old = await oldTask();
    await old.settle({ state: 'running', submitted_at: NOW, upstream_task_id: 'up-1', due_at: NOW + 9_000 });
    expect(await delivery()).toBeNull();
    await old.settle({ ...END, due_at: NOW });
    expect(await delivery()).toMatchObject({
      task_id: ID,
      client_id: CLIENT,
      kind: 'callback',
      event: 'task.succeeded',
      url: `https://${HOST}/old`,
      host: HOST,
      state: 'pending',
      due_at: NOW,
      occurred_at: NOW - 5_000,
      attempts: 0,
    });
    expect(await old.claim(NOW + 40_000)).toBe(true);
    expect(await delivery()).toMatchObject({ state: 'pending', due_at: NOW + 40_000 });
  });

  it('an attempt, with its log', async () => {
    const old = await oldTask();
    await old.settle({ ...END, due_at: NOW });
    await old.claim(NOW + 40_000);
    await old.settle(
      { ...failedOnce, due_at: NOW + 60_000 },
      { at: NOW + 90, status: 500, outcome: 'retry', nextAttemptAt: NOW + 60_000 },
    );
    expect(await delivery()).toMatchObject({
      state: 'pending',
      due_at: NOW + 60_000,
      last_attempt_at: NOW + 90,
      ...failedOnce,
    });
    const { body } = await relay.as(KEY).get(`/v1/tasks/${ID}/attempts`);
    expect(body.data).toMatchObject([{ number: 1, status: 500, outcome: 'retry' }]);
    await oldCode.logLate(ID, { at: NOW + 95, status: 503, outcome: 'retry' });
    expect(await delivery()).toMatchObject({
      due_at: NOW + 60_000,
      attempts: 2,
      last_status: 503,
      last_attempt_at: NOW + 95,
    });
    await old.settle(
      { callback_state: 'delivered', due_at: null, delivered_at: NOW + 200, attempts: 3, last_status: 200 },
      { at: NOW + 190, status: 200, outcome: 'delivered' },
    );
    expect(await delivery()).toMatchObject({
      state: 'delivered',
      due_at: null,
      delivered_at: NOW + 200,
      attempts: 3,
    });
    expect((await relay.as(KEY).get(`/v1/tasks/${ID}/attempts`)).body.data).toHaveLength(3);
  });

  it('a callback that stands aside for a silent host keeps its own schedule, and what is known of the host', async () => {
    const old = await oldTask();
    const other = await oldTask('other');
    for (const one of [old, other]) await one.settle({ ...END, ...failedOnce, due_at: NOW + 7_000 });
    await env.DB.batch([
      env.DB.prepare('insert into hosts (host, silences, openings) values (?1, 0, 0)').bind(HOST),
      env.DB.prepare('insert into receivers (host, client_id) values (?1, ?2)').bind(HOST, CLIENT),
    ]);
    const health = {
      answeredAt: null,
      silences: 10,
      silentSince: NOW - 60_000,
      openUntil: NOW + 30_000,
      openings: 1,
      isSlow: 0,
    };
    await oldCode.open(HOST, health, NOW + 600_000);
    const parked = await env.DB.prepare(
      'select due_at, parked_due_at from tasks where parked_due_at is not null',
    ).all();
    expect(parked.results).toEqual([{ due_at: NOW + 600_000, parked_due_at: NOW + 7_000 }]);
    for (const id of [CALLBACK, task('other').replace('task_', 'msg_')])
      expect(await delivery(id)).toMatchObject({ state: 'pending', due_at: NOW + 7_000 });
    expect(await receiverLane()).toMatchObject({
      host: HOST,
      silences: 10,
      open_until: NOW + 30_000,
      openings: 1,
    });
    await oldCode.answered(HOST, NOW + 35_000);
    expect(await receiverLane()).toMatchObject({ silences: 0, open_until: null, answered_at: NOW + 35_000 });
    expect(await delivery()).toMatchObject({ state: 'pending', due_at: NOW + 7_000 });
  });

  it('a callback that is given up, with its notice: one, whatever is counted meanwhile', async () => {
    const old = await oldTask();
    await old.settle({ ...END, ...failedOnce, due_at: NOW });
    await old.claim(NOW + 40_000);
    await old.settle(givenUp, { at: NOW + 1_900, status: 410, outcome: 'stopped' });
    expect(await delivery()).toMatchObject({ state: 'failed', due_at: null, attempts: 2, last_status: 410 });
    const notice = async () => await delivery(`${CALLBACK}_failed_2`);
    expect(await notice()).toMatchObject({
      kind: 'notice',
      url: 'https://hooks.example.com/failures',
      state: 'pending',
      due_at: NOW + 2_000,
      attempts: 0,
    });
    expect(JSON.parse(String((await notice())?.['about']))).toEqual({
      at: NOW + 2_000,
      url: `https://${HOST}/old`,
      attempts: 2,
      lastStatus: 410,
    });
    await oldCode.logLate(ID, { at: NOW + 1_950, status: null, outcome: 'retry' });
    expect(await old.claim(NOW + 45_000)).toBe(true);
    expect(await notice()).toMatchObject({ state: 'pending', due_at: NOW + 45_000 });
    await old.settle({ notice_tries: 1, due_at: NOW + 50_000, attempts: 3 });
    expect(await notice()).toMatchObject({ state: 'pending', due_at: NOW + 50_000, attempts: 1, retries: 1 });
    await old.settle({ notice_state: 'delivered', notice_tries: 2, due_at: null });
    expect(await notice()).toMatchObject({ state: 'delivered', due_at: null, attempts: 2 });
    const { results } = await env.DB.prepare('select id from deliveries order by id').all();
    expect(results).toEqual([{ id: CALLBACK }, { id: `${CALLBACK}_failed_2` }]);
    expect(await delivery()).toMatchObject({ state: 'failed', attempts: 3 });
  });

  it('a redelivery takes a notice back that is still on its way', async () => {
    const old = await oldTask();
    await old.settle({ ...END, ...failedOnce, due_at: NOW });
    await old.settle(givenUp);
    await old.settle({
      callback_state: 'pending',
      notice_state: null,
      notice_at: null,
      due_at: NOW + 3_000,
      retries: 0,
      answer_lost: 0,
      first_attempt_at: null,
      refresh: 1,
    });
    expect(await delivery()).toMatchObject({
      state: 'pending',
      due_at: NOW + 3_000,
      attempts: 2,
      retries: 0,
      refresh: 1,
    });
    expect(await delivery(`${CALLBACK}_failed_2`)).toBeNull();
  });

  it('a task that is erased takes its deliveries along', async () => {
    const old = await oldTask();
    await old.settle({ ...END, ...failedOnce, due_at: NOW }, { at: NOW, status: 500, outcome: 'retry' });
    await old.settle(givenUp, { at: NOW + 1, status: 410, outcome: 'stopped' });
    await oldCode.erase(ID);
    for (const table of ['deliveries', 'delivery_attempts', 'attempts'])
      expect(await env.DB.prepare(`select count(*) as n from ${table}`).first('n'), table).toBe(0);
  });

  it('an upstream key, its pauses and its limit; one that only the new code has saved stays', async () => {
    await oldCode.saveKey('account_1', 'sealed', NOW);
    expect(await keyLane('account_1')).toMatchObject({ sealed_key: 'sealed', saved_at: NOW });
    await oldCode.saveKey('account_1', 'sealed anew', NOW + 1);
    await oldCode.pauseSubmits('account_1', NOW + 9_000);
    expect(await keyLane('account_1')).toMatchObject({
      sealed_key: 'sealed anew',
      saved_at: NOW + 1,
      submit_paused_until: NOW + 9_000,
    });
    const old = await oldTask();
    await old.settle({ state: 'running', submitted_at: NOW, upstream_task_id: 'up-1', due_at: NOW + 9_000 });
    await oldCode.refused('operator', NOW);
    expect(await keyLane('operator')).toMatchObject({ sealed_key: null, active_limit: 1, refused_at: NOW });
    await env.DB.prepare(
      `insert into upstream_keys (id, sealed_key, saved_at) values ('account_2', 'new', ?1)`,
    )
      .bind(NOW)
      .run();
    await oldCode.pauseSubmits('account_2', NOW + 9_000);
    expect(await keyLane('account_2')).toMatchObject({
      sealed_key: 'new',
      saved_at: NOW,
      submit_paused_until: NOW + 9_000,
    });
  });
});

describe('where both are at work,', () => {
  it('the new code sends what the old one has begun, with its attempts counted on; the old one leaves that alone', async () => {
    const receiver = relay.receiver(HOST);
    const old = await oldTask();
    await old.settle({ ...END, due_at: NOW });
    await old.settle(
      { ...failedOnce, due_at: NOW + 5_000 },
      { at: NOW, status: 500, outcome: 'retry', nextAttemptAt: NOW + 5_000 },
    );
    await relay.tick();
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([CALLBACK]);
    expect(receiver.received[0]?.at).toBeGreaterThanOrEqual(NOW + 5_000);
    expect(await delivery()).toMatchObject({ state: 'delivered', attempts: 2, last_status: 200 });
    expect(await old.claim(relay.clock.now() + 40_000)).toBe(false);
    const { body } = await relay.as(KEY).get(`/v1/tasks/${ID}/attempts`);
    expect(body.data).toMatchObject([
      { number: 1, outcome: 'retry' },
      { number: 2, outcome: 'delivered' },
    ]);
  });

  it('nothing is sent by the new code that the old one has claimed', async () => {
    const receiver = relay.receiver(HOST);
    const old = await oldTask();
    await old.settle({ ...END, due_at: NOW });
    await old.claim(NOW + 90_000);
    await relay.tick();
    expect(receiver.received).toEqual([]);
    await old.settle({
      callback_state: 'delivered',
      due_at: null,
      delivered_at: NOW + 50_000,
      attempts: 1,
      last_status: 200,
    });
    relay.clock.advance(120_000);
    await relay.tick();
    expect(receiver.received).toEqual([]);
  });

  it('a notice that the old one has told leaves a redelivery alone that the new one knows of', async () => {
    const old = await oldTask();
    await old.settle({ ...END, ...failedOnce, due_at: NOW });
    await old.settle(givenUp);
    await old.claim(NOW + 40_000);
    expect((await relay.as(KEY).post(`/v1/tasks/${ID}/redeliver`)).status).toBe(202);
    const pending = await delivery();
    await old.settle({ notice_state: 'delivered', notice_tries: 1, due_at: null });
    expect(await delivery()).toEqual(pending);
  });

  it('what the old one is asked to send again is sent by the new one: what that had under way counts late', async () => {
    const receiver = relay.receiver(HOST);
    const old = await oldTask();
    await old.settle({ ...END, due_at: NOW });
    await relay.tick();
    const sent = await delivery();
    expect(sent).toMatchObject({ state: 'delivered', attempts: 1 });
    await old.settle({ callback_state: 'pending', due_at: relay.clock.now(), refresh: 1 });
    const again = await delivery();
    expect(again).toMatchObject({ state: 'pending', attempts: 1, refresh: 1 });
    // What the new code writes is conditional on the revision that it knew.
    expect(Number(again?.['revision'])).toBeGreaterThan(Number(sent?.['revision']));
    await relay.tick();
    expect(receiver.received).toHaveLength(2);
    expect(await delivery()).toMatchObject({ state: 'delivered', attempts: 2 });
  });

  it('a task that the old one queued, with its far clock, goes when it is its turn', async () => {
    relay.receiver(HOST);
    const old = await oldTask();
    await old.settle({
      state: 'queued',
      queue_reason: 'behind',
      tries: 1,
      problem: 'waits',
      due_at: NOW + 900_000,
    });
    const state = async () => (await relay.as(KEY).get(`/v1/tasks/${ID}`)).body.state;
    await relay.tickUntil(async () => (await state()) === 'succeeded');
    expect(relay.clock.now()).toBeLessThan(NOW + 300_000);
  });
});

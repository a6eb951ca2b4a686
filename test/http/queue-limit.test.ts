import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { forgetUnused } from '../../src/store/retention.ts';
import { MAX_STORED_BYTES } from '../../src/store/stock.ts';
import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Answer, Relay } from '../support/relay.ts';

const FULL = { status: 429, body: { type: 'urn:problem-type:ringback:queue-full', status: 429 } };
const statuses = (answers: readonly Answer[]) =>
  answers.map(({ status }) => status).toSorted((a, b) => a - b);

/** A client whose first task runs, and whose others wait for it. */
async function start(settings: Record<string, unknown> = {}) {
  const relay = await startRelay({ timeScale: 0.05 });
  const client = await relay.client({ max_active_tasks: 1, max_queued_tasks: 2, ...settings });
  const me = relay.as(client.key);
  const running: string = (await me.post('/v1/tasks', video('[never]'))).body.id;
  const post = async (headers: Record<string, string> = {}): Promise<Answer> =>
    await me.post('/v1/tasks', video('[never]'), headers);
  return { relay, client, me, running, post };
}

/** What is kept of the client, beside what is there. */
async function stockOf(id: string) {
  const kept = await env.DB.prepare('select * from client_stock where client_id = ?1')
    .bind(id)
    .first<{ queued: number; bytes: number; queued_is_exact: number; bytes_are_exact: number }>();
  const there = await env.DB.prepare(
    `select coalesce(sum(state in ('accepting', 'queued')), 0) as queued, coalesce(sum(octet_length(input)
       + octet_length(metadata) + coalesce(octet_length(callback_url), 0) + coalesce(octet_length(callback_headers), 0)), 0) as bytes
     from tasks where client_id = ?1`,
  )
    .bind(id)
    .first<{ queued: number; bytes: number }>();
  if (kept === null || there === null) throw new Error('nothing is kept of the client');
  return { kept, there };
}

async function holdBytes(id: string, bytes: number): Promise<void> {
  await env.DB.prepare('update client_stock set bytes = ?2 where client_id = ?1').bind(id, bytes).run();
}

describe('a client with as many tasks waiting as it may have', () => {
  it('is told so in words, with when to come back, and nothing of the post is left', async () => {
    const { relay, me, post } = await start();
    expect([(await post()).body.state, (await post()).body.state]).toEqual(['queued', 'queued']);
    const refused = await post({ 'Idempotency-Key': 'row-3' });
    expect(refused).toMatchObject(FULL);
    expect(refused.body.detail).toContain('2 tasks waiting here, as many as its max_queued_tasks allows');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await me.get('/v1/client')).body).toMatchObject({ active_tasks: 1, queued_tasks: 2 });
    expect((await me.get('/v1/tasks')).body.data).toHaveLength(3);
    expect(relay.simulator.snapshot().tasks).toHaveLength(1);
  });

  it("is told in upstream's envelope on the other surface", async () => {
    const { me, post } = await start({ max_queued_tasks: 1 });
    await post();
    const answer = await me.post('/api/v1/jobs/createTask', video());
    expect(answer).toMatchObject({ status: 429, body: { code: 429, data: { retryAfter: 30 } } });
    expect(answer.body.msg).toContain('max_queued_tasks');
    expect(answer.headers.get('retry-after')).toBe('30');
  });

  it('has its task all the same where the idempotency key is known: nothing new is asked for', async () => {
    const { post } = await start();
    const first = await post({ 'Idempotency-Key': 'row-1' });
    await post();
    expect(await post({ 'Idempotency-Key': 'row-1' })).toMatchObject({
      status: 200,
      body: { id: first.body.id },
    });
  });

  it('cannot have more by asking for many at once', async () => {
    const { relay, client, post } = await start({ max_queued_tasks: 5 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => post()));
    expect(statuses(answers)).toEqual([...Array(5).fill(202), ...Array(15).fill(429)]);
    expect((await stockOf(client.id)).there.queued).toBe(5);
    expect(relay.simulator.snapshot().tasks).toHaveLength(1);
  });

  it('holds up no other client', async () => {
    const { relay, post } = await start({ max_queued_tasks: 1 });
    await post();
    expect((await post()).status).toBe(429);
    expect((await relay.as((await relay.client()).key).post('/v1/tasks', video())).status).toBe(202);
  });

  it.each([
    ['one is canceled', async ({ me, waiting }: Waiting) => await me.post(`/v1/tasks/${waiting}/cancel`)],
    [
      'one begins to run',
      async ({ me, relay, running, waiting }: Waiting) => {
        await me.post(`/v1/tasks/${running}/cancel`);
        // Upstream runs what was canceled, so it counts for ten minutes.
        await relay.tickUntil(async () => (await me.get(`/v1/tasks/${waiting}`)).body.state !== 'queued', 12);
      },
    ],
    [
      'the operator allows more',
      async ({ relay, client }: Waiting) =>
        await relay.admin().patch(`/admin/clients/${client.id}`, { max_queued_tasks: 2 }),
    ],
  ])('has room again as soon as %s', async (_what, happens) => {
    const { relay, client, me, running, post } = await start({ max_queued_tasks: 1 });
    const waiting: string = (await post()).body.id;
    expect((await post()).status).toBe(429);
    await happens({ relay, client, me, running, waiting });
    expect((await post()).status).toBe(202);
    expect((await post()).status).toBe(429);
  });

  it('has room again after a task that upstream refused, and after one that timed out', async () => {
    const { relay, me, post, running } = await start({ max_queued_tasks: 1, max_active_tasks: null });
    await me.post(`/v1/tasks/${running}/cancel`);
    for (let i = 0; i < 3; i++) {
      await relay.fault({ endpoint: 'createTask', kind: 'status', status: 422 });
      expect((await post()).status).toBe(422);
    }
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 500, times: 100 });
    expect((await me.post('/v1/tasks', video('late', { timeout_seconds: 60 }))).body.state).toBe('queued');
    expect((await post()).status).toBe(429);
    relay.clock.advance(61_000);
    await relay.tick();
    expect((await post()).status).toBe(202);
  });

  it('spends nothing of its daily credits by what is refused', async () => {
    const { me, post } = await start({ max_queued_tasks: 1, daily_credit_limit: 1_200 });
    await post();
    for (let i = 0; i < 5; i++) expect((await post()).status).toBe(429);
    expect((await me.get('/v1/client')).body.credits_today).toBe(800);
    const [waiting] = (await me.get('/v1/tasks?state=queued')).body.data;
    await me.post(`/v1/tasks/${waiting.id}/cancel`);
    expect((await post()).status).toBe(202);
    expect((await post()).body.type).toMatch(/queue-full$/);
  });

  it('is counted exactly through every way that a task can go, and costs no count of what waits', async () => {
    const { relay, client, me, post } = await start({ max_queued_tasks: 3, max_active_tasks: 1 });
    for (let round = 0; round < 4; round++) {
      while ((await post()).status === 202);
      const { kept, there } = await stockOf(client.id);
      expect([kept.queued, kept.queued_is_exact]).toEqual([there.queued, 1]);
      const waiting = (await me.get('/v1/tasks?state=queued')).body.data;
      await me.post(`/v1/tasks/${waiting[round % waiting.length].id}/cancel`);
      await me.delete(`/v1/tasks/${waiting[round % waiting.length].id}`);
      await relay.tick();
      expect((await stockOf(client.id)).kept.queued).toBe((await stockOf(client.id)).there.queued);
    }
    expect((await me.get('/v1/client')).body.queued_tasks).toBeLessThanOrEqual(3);
  });
});

interface Waiting {
  readonly relay: Relay;
  readonly client: { readonly id: string };
  readonly me: ReturnType<Relay['as']>;
  readonly running: string;
  readonly waiting: string;
}

describe('a client with as much stored input as it may have', () => {
  it('is told so in the same words, on either surface, and has room again once a task is erased', async () => {
    const { relay, client, me, running, post } = await start({ max_queued_tasks: 100 });
    await me.post(`/v1/tasks/${running}/cancel`);
    const big: string = (await me.post('/v1/tasks', video('x'.repeat(20_000)))).body.id;
    await relay.tickUntil(async () => (await me.get(`/v1/tasks/${big}`)).body.completed_at !== null, 15);
    const { there } = await stockOf(client.id);
    // As if the rest of it had been posted: 256 MB take minutes.
    await env.DB.prepare('update client_stock set bytes = ?2, bytes_are_exact = 1 where client_id = ?1')
      .bind(client.id, MAX_STORED_BYTES - 10)
      .run();
    const refused = await post();
    expect(refused).toMatchObject(FULL);
    expect(refused.body.detail).toContain('hold 256 MB here');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = await me.post('/api/v1/jobs/createTask', video());
    expect(other).toMatchObject({ status: 429, body: { code: 429, data: { retryAfter: 3_600 } } });
    expect((await me.delete(`/v1/tasks/${big}`)).status).toBe(204);
    expect((await post()).status).toBe(202);
    expect(there.bytes).toBeGreaterThan(20_000);
  });

  it('has what was deleted long ago counted off, and is not counted anew at each post', async () => {
    const { client, post } = await start({ max_queued_tasks: 100 });
    await holdBytes(client.id, MAX_STORED_BYTES);
    expect((await post()).status).toBe(202);
    const { kept, there } = await stockOf(client.id);
    expect(kept.bytes).toBe(there.bytes);
  });

  it('counts all that a client can fill: prompts, metadata, callback URLs and headers, in bytes', async () => {
    const { client, me } = await start({ max_queued_tasks: 100 });
    const before = (await stockOf(client.id)).kept.bytes;
    const filled = {
      callback_url: `https://hooks.example.com/${'u'.repeat(1_000)}`,
      callback_headers: { 'X-Filled': 'h'.repeat(1_000) },
      metadata: { filled: 'm'.repeat(1_000) },
    };
    await me.post('/v1/tasks', video('é'.repeat(1_000), filled));
    const { kept, there } = await stockOf(client.id);
    expect(kept.bytes - before).toBeGreaterThan(5_000);
    expect(kept.bytes).toBe(there.bytes);
  });
});

describe('the counts of a client', () => {
  it('cost a row for a task that goes only where they have to be exact', async () => {
    const { client } = await start({ max_active_tasks: null });
    const rows = async (exact: 0 | 1) => {
      const flags = 'update client_stock set queued_is_exact = ?2, bytes_are_exact = ?2 where client_id = ?1';
      await env.DB.prepare(flags).bind(client.id, exact).run();
      await env.DB.prepare(`update tasks set state = 'queued' where client_id = ?1`).bind(client.id).run();
      const goes = `update tasks set state = 'running' where client_id = ?1`;
      return (await env.DB.prepare(goes).bind(client.id).run()).meta.rows_written;
    };
    const [far, near] = [await rows(0), await rows(1)];
    expect(near - far).toBe(1);
  });

  it('are forgotten with the client', async () => {
    const { relay, client, me, running } = await start();
    await relay.admin().delete(`/admin/clients/${client.id}`);
    expect((await me.get('/v1/client')).status).toBe(401);
    await env.DB.prepare('delete from tasks where id = ?1').bind(running).run();
    const later = relay.clock.now() + 90 * 86_400_000;
    await env.DB.batch([...forgetUnused(env.DB, later, later)]);
    const { results } = await env.DB.prepare('select * from client_stock').all();
    expect(results).toEqual([]);
  });
});

describe("the operator's max_queued_tasks", () => {
  it('is 10,000 unless given, is shown, changed, and set back by null', async () => {
    const relay = await startRelay();
    const made = await relay.admin().post('/admin/clients', { name: 'plain' });
    const at = `/admin/clients/${made.body.id}`;
    expect(made.body.max_queued_tasks).toBe(10_000);
    const change = async (max: unknown) =>
      (await relay.admin().patch(at, { max_queued_tasks: max })).body.max_queued_tasks;
    expect([await change(1), await change(1_000_000)]).toEqual([1, 1_000_000]);
    expect((await relay.admin().get('/admin/clients')).body.data[0].max_queued_tasks).toBe(1_000_000);
    expect([await change(null), (await relay.admin().get(at)).body.max_queued_tasks]).toEqual([
      10_000, 10_000,
    ]);
    expect((await relay.client({ max_queued_tasks: 7 })) as object).toMatchObject({ max_queued_tasks: 7 });
  });

  it.each([[0], [-1], [1_000_001], [1.5], ['10'], [true]])('is refused as %s, by its name', async (max) => {
    const relay = await startRelay();
    const { id } = await relay.client();
    const body = { name: 'x', max_queued_tasks: max };
    for (const answer of [
      await relay.admin().post('/admin/clients', body),
      await relay.admin().patch(`/admin/clients/${id}`, body),
    ]) {
      expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'max_queued_tasks']);
    }
  });
});

describe("the console's form of a client", () => {
  it('shows and changes how many tasks may wait, and sets it back where it is emptied', async () => {
    const relay = await startRelay();
    const browser = browserOf(relay);
    await browser.signIn();
    const { id } = await relay.client({ max_queued_tasks: 77 });
    const at = `/console/clients/${id}`;
    expect((await browser.get(at)).text).toMatch(/name="max_queued_tasks" value="77"/);
    const max = async () => (await relay.admin().get(`/admin/clients/${id}`)).body.max_queued_tasks;
    await browser.submit(at, { name: 'test', max_queued_tasks: '78' });
    expect(await max()).toBe(78);
    const refused = await browser.submit(at, { name: 'test', max_queued_tasks: '0' });
    expect([refused.status, await max()]).toEqual([422, 78]);
    expect(refused.text).toContain('must be at least 1');
    await browser.submit(at, { name: 'test', max_queued_tasks: '' });
    expect(await max()).toBe(10_000);
  });
});

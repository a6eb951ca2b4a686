import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { webhookId } from '../../src/domain/ids.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Answer, Relay } from '../support/relay.ts';

const MAX_BYTES = 1_000_000;
const TASKS = 30;

const sizeOf = (body: unknown) => new TextEncoder().encode(JSON.stringify(body)).length;
const idsOf = (pages: Answer[]) => pages.flatMap(({ body }) => body.data.map(({ id }: { id: string }) => id));

const urls = (name: string) =>
  Array.from({ length: 20 }, (_, i) => `https://files.example.com/${name}/${i}/`.padEnd(2_048, 'x'));

/** As large as an input can be: 20 URLs of each kind, and 20,000 characters of four bytes each. */
function largeTask(prompt: string) {
  const input = {
    prompt: prompt.padEnd(20_000, '🦊'),
    reference_image_urls: urls('image'),
    reference_video_urls: urls('video'),
    reference_audio_urls: urls('audio'),
  };
  return { model: video().model, input };
}

/** All pages of a list, as `next_cursor` leads through them. */
async function pagesOf(get: (path: string) => Promise<Answer>, path: string): Promise<Answer[]> {
  const pages: Answer[] = [];
  for (let cursor: string | null = ''; cursor !== null && pages.length < 100;) {
    const page = await get(cursor === '' ? path : `${path}&cursor=${cursor}`);
    pages.push(page);
    cursor = page.body.next_cursor;
  }
  return pages;
}

async function withLargeTasks(): Promise<{ relay: Relay; key: string; posted: string[] }> {
  const relay = await startRelay();
  const { key } = await relay.client();
  const posted: string[] = [];
  for (let i = 0; i < TASKS; i++) {
    relay.clock.advance(1);
    posted.unshift((await relay.as(key).post('/v1/tasks', largeTask(`fox ${i}`))).body.id);
  }
  return { relay, key, posted };
}

describe('a list of tasks with large inputs', () => {
  it('answers at most a million bytes and pages on, and each task is on one page, whole', async () => {
    const { relay, key, posted } = await withLargeTasks();
    for (const [caller, path] of [
      [relay.as(key), '/v1/tasks?limit=100'],
      [relay.admin(), '/admin/tasks?limit=100'],
      [relay.as(key), '/v1/tasks?limit=100&state=running'],
    ] as const) {
      const pages = await pagesOf(caller.get, path);
      expect(idsOf(pages)).toEqual(posted);
      expect(pages.length).toBeGreaterThan(3);
      for (const { body } of pages) {
        expect(body.data.length).toBeGreaterThan(0);
        expect(sizeOf(body)).toBeLessThanOrEqual(MAX_BYTES);
        expect(body.data[0].input.reference_audio_urls).toHaveLength(20);
      }
      // No page ends long before it is full.
      for (const { body } of pages.slice(0, -1)) expect(sizeOf(body)).toBeGreaterThan(MAX_BYTES / 2);
    }
  }, 60_000);

  it('holds one task whatever its size', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const me = relay.as((await relay.client()).key);
    const ids: string[] = [];
    for (const prompt of ['a fox', 'an owl']) {
      relay.clock.advance(1);
      ids.unshift((await me.post('/v1/tasks', video(prompt))).body.id);
    }
    await relay.tick();
    const input = { prompt: 'x'.repeat(1_200_000) };
    await env.DB.prepare('update tasks set input = ?1').bind(JSON.stringify(input)).run();
    const pages = await pagesOf(me.get, '/v1/tasks?limit=100');
    expect(pages.map((page) => idsOf([page]))).toEqual(ids.map((id) => [id]));
    expect(pages[0]?.body.data[0].input).toEqual(input);
  });

  it('of small ones fills its pages as it is asked to', async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client()).key);
    for (let i = 0; i < 5; i++) {
      relay.clock.advance(1);
      await me.post('/v1/tasks', video());
    }
    const pages = await pagesOf(me.get, '/v1/tasks?limit=2');
    expect(pages.map(({ body }) => body.data.length)).toEqual([2, 2, 1]);
  });
});

/** From 1 on, for `json_each`. */
function numbers(count: number): string {
  return JSON.stringify(Array.from({ length: count }, (_, i) => i + 1));
}

const DETAIL = 'The receiver answered 500.';

async function withAttempts(of: 'tasks' | 'deliveries', count: number, detail = DETAIL) {
  const relay = await startRelay();
  const { key } = await relay.client();
  const me = relay.as(key);
  const hook = { callback_url: 'https://hooks.example.com/42' };
  const { body } = await me.post('/v1/tasks', video('[never]', hook));
  await me.post(`/v1/tasks/${body.id}/cancel`);
  await env.DB.prepare(
    `insert into delivery_attempts (delivery_id, number, at, status, duration_ms, outcome, detail, next_attempt_at)
       select ?1, value, 1000 * value, 500, 5, 'retry', ?3, null from json_each(?2)`,
  )
    .bind(webhookId(body.id), numbers(count), detail)
    .run();
  return {
    path: `/v1/${of === 'tasks' ? `tasks/${body.id}` : `deliveries/${webhookId(body.id)}`}/attempts`,
    me,
  };
}

const numbersOf = (pages: Answer[]) =>
  pages.map(({ body }) => body.data.map(({ number }: { number: number }) => number));

describe.each(['tasks', 'deliveries'] as const)('the log of attempts, of %s,', (of) => {
  it('comes oldest first, a page at a time, by limit and cursor', async () => {
    const { me, path } = await withAttempts(of, 7);
    expect((await me.get(path)).body).toMatchObject({ data: { length: 7 }, next_cursor: null });
    expect(numbersOf(await pagesOf(me.get, `${path}?limit=3`))).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect((await me.get(`${path}?limit=7`)).body.next_cursor).toBeNull();
  });

  it('answers a hundred where no number is asked for, and a million bytes at the most', async () => {
    const { me, path } = await withAttempts(of, 250, '\u0001'.repeat(3_000));
    const pages = await pagesOf(me.get, `${path}?limit=`);
    expect(numbersOf(pages).flat()).toEqual(Array.from({ length: 250 }, (_, i) => i + 1));
    expect(pages.length).toBeGreaterThan(3);
    for (const { body } of pages) expect(sizeOf(body)).toBeLessThanOrEqual(MAX_BYTES);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['cursor=task_0', 'cursor'],
    ['cursor=-1', 'cursor'],
    ['cursor=1e3', 'cursor'],
    [`cursor=${'9'.repeat(20)}`, 'cursor'],
    ['page=2', 'page'],
  ])('is refused with %s', async (query, path) => {
    const { me, path: log } = await withAttempts(of, 1);
    expect(await me.get(`${log}?${query}`)).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });
});

describe('the list of clients', () => {
  it('pages on beyond a million bytes, newest first', async () => {
    const relay = await startRelay();
    const { id } = await relay.client({
      failure_callback_url: `https://hooks.example.com/${'x'.repeat(2_000)}`,
    });
    await env.DB.prepare(
      `insert into clients (id, name, key_hash, signing_secret, account_id, failure_callback_url, created_at, callback_jwt)
       select clients.id || printf('%04d', json_each.value), name, key_hash || json_each.value, signing_secret, account_id, failure_callback_url, created_at, 0
       from clients, json_each(?2) where clients.id = ?1`,
    )
      .bind(id, numbers(1_100))
      .run();
    const pages = await pagesOf(relay.admin().get, '/admin/clients?limit=');
    const ids: string[] = idsOf(pages);
    expect(new Set(ids).size).toBe(1_101);
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? 1 : -1)));
    expect(pages.length).toBeGreaterThan(2);
    for (const { body } of pages) expect(sizeOf(body)).toBeLessThanOrEqual(MAX_BYTES);
    expect((await relay.admin().get('/admin/clients?limit=2')).body.data).toHaveLength(2);
    expect(await relay.admin().get('/admin/clients?limit=1001')).toMatchObject({ status: 422 });
  });
});

import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import { createApp } from '../../src/http/app.ts';
import { RELAY, startRelay, video } from '../support/relay.ts';
import type { Relay, TestClient } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const KEY = { 'Idempotency-Key': 'row-42' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded', ...KEY };
const MODEL = 'seedance-2.0-reference-to-video';
const NOVA = {
  title: 'Nova 1',
  media: 'video',
  input_schema: {
    type: 'object',
    properties: { prompt: { type: 'string' }, seed: { type: 'integer' }, loop: { type: 'boolean' } },
    required: ['prompt'],
  },
  credits: { flat: 5 },
};
const nova = { model: 'nova-1', input: { prompt: 'a fox', seed: 7, loop: true } };
const fox = { ...video('a fox', { callback_url: HOOK }), timeout_seconds: 3_600 };

/** What was accepted, and whatever has changed since: the retry is answered with the same task. */
interface Change {
  readonly what: string;
  readonly body?: object | string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly vars?: Record<string, string>;
  readonly change?: (relay: Relay, client: TestClient) => Promise<unknown>;
}

const CHANGES: readonly Change[] = [
  {
    what: 'its built-in model was disabled',
    change: async (relay) => await relay.admin().put(`/admin/models/${MODEL}`, { disabled: true }),
  },
  {
    what: "the operator's model takes something else now",
    body: nova,
    change: async (relay) =>
      await relay.admin().put('/admin/models/nova-1', {
        ...NOVA,
        input_schema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
      }),
  },
  {
    what: "the operator's model is gone",
    body: nova,
    change: async (relay) => await relay.admin().delete('/admin/models/nova-1'),
  },
  {
    what: 'its model was disabled, and it came by upstream’s own endpoint',
    path: '/api/v1/jobs/createTask',
    body: video('a fox', { callBackUrl: HOOK }),
    change: async (relay) => await relay.admin().put(`/admin/models/${MODEL}`, { disabled: true }),
  },
  {
    what: 'its model was disabled, and it is a wait',
    path: '/v1/waits',
    body: video('a fox', { callback_url: HOOK }),
    change: async (relay) => await relay.admin().put(`/admin/models/${MODEL}`, { disabled: true }),
  },
  {
    what: 'its model was disabled, and it is a form',
    body: `model=${MODEL}&prompt=a+fox&duration=5&resolution=720p`,
    headers: FORM,
    change: async (relay) => await relay.admin().put(`/admin/models/${MODEL}`, { disabled: true }),
  },
  {
    what: 'what its model takes is of another kind now, and it is a form',
    body: 'model=nova-1&prompt=a+fox&seed=7&loop=true',
    headers: FORM,
    change: async (relay) =>
      await relay.admin().put('/admin/models/nova-1', {
        ...NOVA,
        input_schema: {
          type: 'object',
          properties: { prompt: { type: 'string' }, seed: { type: 'string' }, loop: { type: 'string' } },
        },
      }),
  },
  {
    what: "the operator's model is gone, and it is a form",
    body: 'model=nova-1&prompt=a+fox&seed=7&loop=true',
    headers: FORM,
    change: async (relay) => await relay.admin().delete('/admin/models/nova-1'),
  },
  { what: 'tasks may not take so long any more', vars: { TASK_TIMEOUT_SECONDS: '600' } },
  {
    what: 'such callback URLs are refused now',
    body: video('a fox', { callback_url: 'http://127.0.0.1:9/hook' }),
    vars: { ALLOW_PRIVATE_CALLBACKS: 'false' },
  },
  {
    what: 'its client may spend less than that',
    change: async (relay, { id }) =>
      await relay.admin().patch(`/admin/clients/${id}`, { daily_credit_limit: 1 }),
  },
  {
    what: 'its client may run and queue no more',
    change: async (relay, { id }) =>
      await relay.admin().patch(`/admin/clients/${id}`, { max_active_tasks: 1, max_queued_tasks: 1 }),
  },
];

describe('a retry of what was accepted is answered with its task, although', () => {
  it.each(CHANGES)('$what', async ({ body = fox, path = '/v1/tasks', headers = KEY, vars = {}, change }) => {
    const open = { ALLOW_PRIVATE_CALLBACKS: 'true' };
    const before = await startRelay({ vars: open });
    await before.admin().put('/admin/models/nova-1', NOVA);
    const client = await before.client();
    const first = await before.as(client.key).post(path, body, headers);
    expect(first.status).toBeLessThan(300);
    await change?.(before, client);
    const relay = await startRelay({ vars: { ...open, ...vars }, keepsData: true });
    const again = await relay.as(client.key).post(path, body, headers);
    expect(again).toMatchObject({
      status: 200,
      body: first.body.data === undefined ? { id: first.body.id } : first.body,
    });
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    const { n } = (await env.DB.prepare('select count(*) as n from tasks').first<{ n: number }>()) ?? {};
    expect(n).toBe(1);
  });
});

it('and although there is no upstream key any more', async () => {
  const relay = await startRelay();
  const { key } = await relay.client();
  const first = await relay.as(key).post('/v1/tasks', video(), KEY);
  const app = createApp({ ...relay.services, upstreamKey: async () => await Promise.resolve(null) });
  const again = async (body: object) =>
    await app.request(
      `${RELAY}/v1/tasks`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...KEY },
        body: JSON.stringify(body),
      },
      env,
      createExecutionContext(),
    );
  expect(await (await again(video())).json()).toMatchObject({ id: first.body.id });
  expect((await again(video('a wolf'))).status).toBe(503);
});

describe('once its model is disabled', () => {
  const start = async () => {
    const relay = await startRelay();
    const me = relay.as((await relay.client()).key);
    await me.post('/v1/tasks', video(), KEY);
    await relay.admin().put(`/admin/models/${MODEL}`, { disabled: true });
    return { relay, me };
  };

  it.each([
    ['another body', video('a wolf'), KEY],
    ['another key', video(), { 'Idempotency-Key': 'row-43' }],
    ['no key', video(), {}],
    ['what is no body of a task', { ...video(), extra: 1 }, KEY],
  ])('a post with %s is refused for the model', async (_, body, headers) => {
    const { me } = await start();
    const answer = await me.post('/v1/tasks', body, headers);
    expect(answer).toMatchObject({ status: 422, body: { errors: expect.any(Array) } });
    expect(answer.body.errors[0].path).toBe('model');
  });

  it("another client's retry is none", async () => {
    const { relay } = await start();
    const other = relay.as((await relay.client()).key);
    expect((await other.post('/v1/tasks', video(), KEY)).status).toBe(422);
  });
});

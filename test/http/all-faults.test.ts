import { expect, it } from 'vitest';
import { startRelay } from '../support/relay.ts';

const HEADERS = { 'webhook-id': '1' };

/** The fields that are named where the schema finds one fault, and a policy beyond it the others. */
it.each([
  [
    '/v1/subscriptions',
    { url: 'http://10.0.0.1/', models: ['sora'], headers: HEADERS, event: 'x', format: 'telegram' },
    ['event', 'format', 'headers.webhook-id', 'models.0', 'url'],
  ],
  [
    '/admin/subscriptions',
    { url: 'http://10.0.0.1/', models: ['sora', 7], events: ['none'] },
    ['events.0', 'models.0', 'models.1', 'url'],
  ],
  ['/admin/clients', { failure_callback_url: 'http://10.0.0.1/' }, ['failure_callback_url', 'name']],
  ['/v1/callbacks/test', { url: 'no url', headers: HEADERS, x: 1 }, ['headers.webhook-id', 'url', 'x']],
  ['/v1/callbacks/test', { url: 'no url', headers: HEADERS }, ['headers.webhook-id', 'url']],
])('%s names all that is wrong with %j in one answer', async (path, body, paths) => {
  const relay = await startRelay();
  const { key } = await relay.client();
  const caller = path.startsWith('/admin') ? relay.admin() : relay.as(key);
  const answer = await caller.post(path, body);
  expect(answer.status).toBe(422);
  expect(answer.body.errors.map((error: { path: string }) => error.path).toSorted()).toEqual(paths);
});

import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const ELSEWHERE = 'https://other.example.com/new?x=%7B1%7D';

/** A task whose callback was given up, and a receiver elsewhere. */
async function start() {
  const relay = await startRelay({ timeScale: 0 });
  const gone = relay.receiver('hooks.example.com', [{ status: 410 }]);
  const other = relay.receiver('other.example.com');
  const { key } = await relay.client();
  const me = relay.as(key);
  const { body } = await me.post('/v1/tasks', video('a fox', { callback_url: HOOK }));
  await relay.tick();
  const path = `/v1/tasks/${body.id}`;
  const raw = async (init: RequestInit) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${key}`);
    return (await relay.request(`${path}/redeliver`, { method: 'POST', ...init, headers })).status;
  };
  return { relay, me, gone, other, path, raw };
}

describe('a callback that is sent again to another address', () => {
  it('goes there from now on, with its webhook-id, and its attempts count on', async () => {
    const { relay, me, gone, other, path } = await start();
    const answer = await me.post(`${path}/redeliver`, { url: ELSEWHERE });
    expect(answer).toMatchObject({
      status: 202,
      body: { callback: { url: ELSEWHERE, state: 'pending', attempts: 1 } },
    });
    await relay.tick();
    expect((await me.get(path)).body.callback).toMatchObject({
      url: ELSEWHERE,
      state: 'delivered',
      attempts: 2,
    });
    expect([gone.received.length, other.received.length]).toEqual([1, 1]);
    expect(other.received[0]?.headers['webhook-id']).toBe(gone.received[0]?.headers['webhook-id']);
    await me.post(`${path}/redeliver`);
    await relay.tick();
    expect([gone.received.length, other.received.length]).toEqual([1, 2]);
  });

  it.each<[string, unknown, string]>([
    ['over http', 'http://other.example.com/', 'https://'],
    ['in a private network', 'https://10.0.0.1/', 'address'],
    ["at Ringback's own host", 'https://relay.test/x', 'this Ringback'],
    ['with a fragment', `${ELSEWHERE}#`, 'fragment'],
    ['that is no text', 5, 'must be a URL'],
    ['that is empty', '', 'no complete URL'],
  ])('is refused where that is %s, and nothing is sent', async (_, url, words) => {
    const { relay, me, gone, other, path } = await start();
    const before = (await me.get(path)).body;
    const answer = await me.post(`${path}/redeliver`, { url });
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'url', message: expect.stringContaining(words) }] },
    });
    expect((await me.get(path)).body).toEqual(before);
    await relay.tick();
    expect([gone.received.length, other.received.length]).toEqual([1, 0]);
  });

  it('says so where a field is misspelt, instead of sending it to the old one', async () => {
    const { me, path, gone } = await start();
    const answer = await me.post(`${path}/redeliver`, { callback_url: ELSEWHERE });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'callback_url' }] } });
    expect(gone.received).toHaveLength(1);
  });
});

const type = (name: string) => ({ 'content-type': name });

describe('the headers that a task was posted with', () => {
  const SECRET = 'Bearer a-token-of-the-first-receiver';

  it.each<[string, string, string | undefined]>([
    ['go along to another path of the server that they were given for', `${HOOK}/new`, SECRET],
    ['stay here where the callback goes to another server', ELSEWHERE, undefined],
    ['stay here where it goes to another port of it', 'https://hooks.example.com:8443/42', undefined],
  ])('%s', async (_, url, expected) => {
    const relay = await startRelay({ timeScale: 0 });
    const gone = relay.receiver('hooks.example.com', [{ status: 410 }]);
    const other = relay.receiver('other.example.com');
    const onPort = relay.receiver('hooks.example.com:8443');
    const me = relay.as((await relay.client()).key);
    const headers = { callback_url: HOOK, callback_headers: { Authorization: SECRET } };
    const { body } = await me.post('/v1/tasks', video('a fox', headers));
    await relay.tick();
    expect(gone.received[0]?.headers['authorization']).toBe(SECRET);
    await me.post(`/v1/tasks/${body.id}/redeliver`, { url });
    await relay.tick();
    const sent = [...gone.received.slice(1), ...other.received, ...onPort.received];
    expect(sent.map((one) => one.headers['authorization'])).toEqual([expected]);
    // Back where it was, they are sent again.
    await me.post(`/v1/tasks/${body.id}/redeliver`, { url: HOOK });
    await relay.tick();
    expect(gone.received.at(-1)?.headers['authorization']).toBe(SECRET);
  });
});

describe('a body that is left out', () => {
  it.each<[string, RequestInit]>([
    ['without a type', {}],
    ['with the type of JSON', { headers: { 'content-type': 'application/json' } }],
    ['with another type', { headers: { 'content-type': 'text/plain' } }],
    ['as an empty object', { headers: { 'content-type': 'application/json' }, body: '{}' }],
    ['as null for the URL', { headers: { 'content-type': 'application/json' }, body: '{"url":null}' }],
  ])('sends the callback again to where it went: %s', async (_, init) => {
    const { relay, gone, raw } = await start();
    expect(await raw(init)).toBe(202);
    await relay.tick();
    expect(gone.received).toHaveLength(2);
  });

  it('is not a body that cannot be read', async () => {
    const { gone, raw } = await start();
    expect(await raw({ headers: type('application/json'), body: '{' })).toBe(400);
    expect(await raw({ headers: type('text/plain'), body: '{}' })).toBe(415);
    expect(await raw({ headers: type('application/json'), body: ' '.repeat(300_000) })).toBe(413);
    expect(gone.received).toHaveLength(1);
  });
});

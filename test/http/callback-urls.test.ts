import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { callableUrls, forbiddenHosts, misleadingUrls, notUrls } from '../domain/callback-urls.ts';
import { startRelay, video } from '../support/relay.ts';

/** The name that the requests of this file are sent to. */
const OWN = 'https://relay.example.com';

async function start() {
  const relay = await startRelay({ timeScale: 0, vars: { SUBREQUEST_BUDGET: '9000' } });
  const { key } = await relay.client();
  const app = createApp(relay.services);
  const post = async (path: string, body: unknown, url = OWN) => {
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    const response = await app.request(url + path, init, env, createExecutionContext());
    // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
    const answer: any = await response.json();
    return { status: response.status, body: answer };
  };
  return { relay, me: relay.as(key), post };
}

/** Beyond what the platform's own parser normalises, nothing is changed. */
const sent = (url: string) => new URL(url).href;

const forbidden = [
  ...Object.values(forbiddenHosts)
    .flat()
    .map((host) => `https://${host}/hooks/1?a=b`),
  ...notUrls,
  ...misleadingUrls,
  'http://hooks.example.com/1',
].filter((url) => !url.includes('ringback.me'));

describe('a task with a callback URL', () => {
  it('that is not called is 422 in every spelling, on both surfaces, and nothing of it is kept', async () => {
    const { relay, me, post } = await start();
    expect(new Set(forbidden).size).toBeGreaterThan(250);
    for (const url of forbidden) {
      const [own, dropIn] = [
        await post('/v1/tasks', video('x', { callback_url: url })),
        await post('/api/v1/jobs/createTask', video('x', { callBackUrl: url })),
      ];
      expect({ url, ...own }).toMatchObject({
        url,
        status: 422,
        body: { errors: [{ path: 'callback_url' }] },
      });
      expect({ url, ...dropIn }).toMatchObject({ url, status: 422, body: { code: 422 } });
    }
    expect(relay.simulator.snapshot().tasks).toEqual([]);
    expect((await me.get('/v1/tasks')).body.data).toEqual([]);
  }, 60_000);

  it('that is called is kept, shown and called byte for byte', async () => {
    const { relay, me, post } = await start();
    expect(callableUrls.length).toBeGreaterThan(50);
    const receivers = new Map(
      callableUrls.map(([url]) => [new URL(url).host, relay.receiver(new URL(url).host)]),
    );
    for (const [url] of callableUrls) {
      const { status, body } = await post('/v1/tasks', video('x', { callback_url: url }));
      expect({ url, status }).toEqual({ url, status: 202 });
      expect((await me.get(`/v1/tasks/${body.id}`)).body.callback.url).toBe(url);
    }
    const called = () => Array.from(receivers.values()).flatMap(({ received }) => received);
    await relay.tickUntil(async () => called().length === callableUrls.length);
    expect(
      called()
        .map(({ url }) => sent(url))
        .sort(),
    ).toEqual(callableUrls.map(([url]) => sent(url)).sort());
  }, 60_000);
});

describe('the address of an operator’s failure callback', () => {
  it('is held to the same rules', async () => {
    const { relay } = await start();
    for (const url of [
      'https://127.1/',
      'http://hooks.example.com/',
      'https://relay.test/x',
      'https://a@example.com/',
      'https://hooks.example.com/a#',
      'https://hooks.example.com/a\u200b',
    ]) {
      const answer = await relay.admin().post('/admin/clients', { name: 'x', failure_callback_url: url });
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'failure_callback_url' }] } });
    }
  });
});

describe('a loop through Ringback itself', () => {
  it('is refused for whatever name the request was sent to', async () => {
    const { post } = await start();
    for (const [sentTo, url] of [
      ['https://relay.example.com', 'https://RELAY.example.com.:8443/v1/tasks'],
      ['https://custom.example.org', 'https://custom.example.org/v1/tasks'],
      ['https://münchen.example', 'https://xn--mnchen-3ya.example/v1/tasks'],
      ['https://localhost:8787', 'https://localhost/v1/tasks'],
    ] as const) {
      const { status } = await post('/v1/tasks', video('x', { callback_url: url }), sentTo);
      expect([sentTo, status]).toEqual([sentTo, 422]);
    }
  });

  it('by another of its names ends at once: no route takes the body of a callback', async () => {
    const { relay, post } = await start();
    const { key } = await relay.client();
    const receiver = relay.receiver('hooks.example.com');
    const callbackHeaders = { Authorization: `Bearer ${key}` };
    const callback = { callback_url: 'https://hooks.example.com/1', callback_headers: callbackHeaders };
    await post('/v1/tasks', video('x', callback));
    await post('/api/v1/jobs/createTask', video('x', { callBackUrl: 'https://hooks.example.com/2' }));
    await relay.tick();
    expect(receiver.received).toHaveLength(2);
    for (const { body } of receiver.received) {
      for (const path of [
        '/v1/tasks',
        '/v1/estimates',
        '/v1/callbacks/test',
        '/v1/redeliveries',
        '/api/v1/jobs/createTask',
      ]) {
        expect([path, (await post(path, JSON.parse(body))).status]).toEqual([path, 422]);
      }
    }
  });
});

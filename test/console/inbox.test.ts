import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';

import { webhookId } from '../../src/domain/ids.ts';
import { createInboxStore } from '../../src/store/inbox.ts';
import { browserOf } from '../support/browser.ts';
import { begin } from '../../src/engine/maintenance.ts';
import { startRelay, video } from '../support/relay.ts';

const FORM = {
  model: 'seedance-2.0-reference-to-video',
  'input.prompt': 'a fox',
  'input.resolution': '720p',
  'input.duration': '5',
  callback: 'inbox',
  metadata: 'row = 42',
};

/** What stands in the table of inboxes. */
const kept = async () =>
  (await env.DB.prepare('select * from inbox_callbacks').all<Record<string, string>>()).results;

async function start() {
  const relay = await startRelay();
  const client = await relay.client();
  const browser = browserOf(relay);
  await browser.signIn(client.key);
  const post = async (form: Record<string, string> = {}) => {
    const { headers, text } = await browser.submit('/console/try', { ...FORM, ...form });
    const id = headers.get('location')?.split('/').at(-1);
    if (id === undefined) throw new Error(text);
    return id;
  };
  const task = async (id: string) => (await relay.as(client.key).get(`/v1/tasks/${id}`)).body;
  return { relay, client, browser, post, task };
}

describe('a task that is tried from the console', () => {
  it('comes back to the built-in inbox, signed as any callback, and is in the attempt log', async () => {
    const { relay, client, browser, post, task } = await start();
    const id = await post();
    expect(await task(id)).toMatchObject({ metadata: { row: '42' }, estimated_credits: 400 });
    await relay.tickUntil(async () => (await task(id)).callback.state === 'delivered');
    expect(await task(id)).toMatchObject({ callback: { state: 'delivered', attempts: 1, last_status: 204 } });
    const { body: log } = await relay.as(client.key).get(`/v1/tasks/${id}/attempts`);
    expect(log.data).toMatchObject([{ number: 1, status: 204, outcome: 'delivered' }]);
    const [callback] = await kept();
    const headers: Record<string, string> = JSON.parse(callback?.['headers'] ?? '');
    const verified = new Webhook(client.signing_secret);
    const at = Number(headers['webhook-timestamp']) * 1_000;
    expect(Math.abs(relay.clock.now() - at)).toBeLessThan(120_000);
    // The package looks at the machine's own clock, and Ringback's here is a fake: sign its words again, and compare.
    expect(verified.sign(headers['webhook-id'] ?? '', new Date(at), callback?.['body'] ?? '')).toBe(
      headers['webhook-signature'],
    );
    expect((await browser.get(`/console/tasks/${id}`)).text).toContain('It came to the built-in inbox');
  });

  it('asks nobody over the network: its URL is of Ringback itself, which a Worker cannot call', async () => {
    const { relay, post, task } = await start();
    const id = await post();
    const own = relay.receiver('relay.test');
    await relay.tickUntil(async () => (await task(id)).callback.state === 'delivered');
    expect(own.received).toEqual([]);
    expect((await task(id)).callback.url).toMatch(/^https:\/\/relay\.test\/console\/inbox\/[\w.-]{40,}/);
  });

  it('is kept for an hour, and then forgotten by the tick', async () => {
    const { relay, browser, post, task } = await start();
    const id = await post();
    await relay.tickUntil(async () => (await task(id)).callback.state === 'delivered');
    relay.clock.advance(3_600_000);
    expect((await browser.get(`/console/tasks/${id}`)).text).toContain('more than an hour ago');
    expect(await kept()).toHaveLength(1);
    for (let minute = 0; minute < 10; minute++) {
      relay.clock.advance(60_000);
      await begin(relay.services);
    }
    expect(await kept()).toEqual([]);
  });

  it('keeps no header that may be a secret', async () => {
    const { relay, client, post, task } = await start();
    await relay.admin().patch(`/admin/clients/${client.id}`, { callback_jwt: true });
    const id = await post();
    await relay.tickUntil(async () => (await task(id)).callback.state === 'delivered');
    const [callback] = await kept();
    expect(Object.keys(JSON.parse(callback?.['headers'] ?? '')).toSorted()).toEqual([
      'content-type',
      'user-agent',
      'webhook-id',
      'webhook-signature',
      'webhook-timestamp',
    ]);
  });

  it('keeps the newest twenty of an inbox, however often it is sent again', async () => {
    const { post } = await start();
    const store = createInboxStore(env.DB);
    const about = webhookId(await post());
    for (let at = 1; at <= 23; at++) {
      await store.keep('inbox', { receivedAt: at, webhookId: about, headers: {}, body: String(at) });
    }
    await store.keep('another', { receivedAt: 1, webhookId: about, headers: {}, body: 'its own' });
    expect(await kept()).toHaveLength(21);
    const [newest] = await store.read('inbox', about, 0);
    expect(newest?.body).toBe('23');
  });
});

describe('the address of an inbox', () => {
  it('is made by the console alone: over the API the own host is refused, as ever', async () => {
    const { relay, client, post, task } = await start();
    const id = await post();
    const url = (await task(id)).callback.url;
    for (const callback_url of [url, 'https://relay.test/console/inbox/v1.AAAA.BBBB']) {
      const { status, body } = await relay.as(client.key).post('/v1/tasks', video('a fox', { callback_url }));
      expect([status, body.errors?.[0].path]).toEqual([422, 'callback_url']);
    }
  });

  it('cannot be made up, nor changed, nor used as a page', async () => {
    const { relay, client, browser } = await start();
    const { inbox, secrets } = relay.services;
    const genuine = await inbox.mint(client.id, 'https://relay.test');
    expect(await inbox.addressOf(genuine)).toMatchObject({ clientId: client.id });
    const sealedForElse = await secrets.seal(`${client.id} x`, 'console.session');
    for (const url of [
      `${genuine.slice(0, -2)}xx`,
      `https://relay.test/console/inbox/${sealedForElse}`,
      'https://relay.test/console/inbox/',
      'https://relay.test/other',
      'no url',
    ]) {
      expect([url, await inbox.addressOf(url)]).toEqual([url, null]);
    }
    expect((await browser.get(new URL(genuine).pathname)).status).toBe(404);
    const stranger = await relay.request(new URL(genuine).pathname, { method: 'POST', body: '{}' });
    expect(stranger.status).toBe(403);
  });

  it("on another host is called as any URL: what it answers is not taken for the inbox's", async () => {
    const { relay, client, task } = await start();
    const genuine = await relay.services.inbox.mint(client.id, 'https://hooks.example.com');
    const receiver = relay.receiver('hooks.example.com');
    const { body } = await relay.as(client.key).post('/v1/tasks', video('a fox', { callback_url: genuine }));
    await relay.tickUntil(async () => (await task(body.id)).callback.state === 'delivered');
    expect(receiver.received).toHaveLength(1);
    expect(await kept()).toEqual([]);
  });

  it('shows what came about its own task only', async () => {
    const { relay, client, browser, post, task } = await start();
    const id = await post();
    await relay.tickUntil(async () => (await task(id)).callback.state === 'delivered');
    const url = (await task(id)).callback.url;
    const address = await relay.services.inbox.addressOf(url);
    const about = (other: string) =>
      relay.services.inbox.read(address?.inboxId ?? '', webhookId(other), relay.clock.now());
    expect(await about(id)).toHaveLength(1);
    expect(await about('task_other')).toEqual([]);
    const stranger = browserOf(relay);
    await stranger.signIn((await relay.client()).key);
    expect((await stranger.get(`/console/tasks/${id}`)).status).toBe(404);
    expect((await browser.get(`/console/tasks/${id}`)).text).toContain('built-in inbox');
    expect(client.id).toBe(address?.clientId);
  });
});

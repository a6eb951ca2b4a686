import { describe, expect, it } from 'vitest';

import { createConsole } from '../../src/console/app.tsx';
import { browserOf } from '../support/browser.ts';
import { RELAY, startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const PUBLIC = new Set(['/sign-in', '/sign-out', '/assets/:name']);

async function start() {
  const relay = await startRelay();
  const theirs = await relay.client({ name: 'theirs' });
  const mine = await relay.client({ name: 'mine' });
  const { body: task } = await relay
    .as(theirs.key)
    .post('/v1/tasks', video('their secret fox', { callback_url: HOOK, metadata: { row: 'their-row' } }));
  return { relay, theirs, mine, task, browser: browserOf(relay) };
}

function routesOf(relay: Awaited<ReturnType<typeof startRelay>>) {
  const routes = createConsole(relay.services).routes.filter(
    ({ method, path }) => method !== 'ALL' && !PUBLIC.has(path),
  );
  return [...new Set(routes.map(({ method, path }) => `${method} ${path}`))];
}

describe('every page behind the sign-in', () => {
  it('is closed to strangers, and says nothing of what is there', async () => {
    const { relay, task, browser } = await start();
    const routes = routesOf(relay);
    expect(routes.length).toBeGreaterThan(15);
    for (const route of routes) {
      const [method, path = ''] = route.split(' ');
      const address = `/console${path.replace(':id', task.id)}`;
      const answer = method === 'GET' ? await browser.get(address) : await browser.submit(address);
      expect([route, answer.status, answer.headers.get('location')?.split('?')[0]]).toEqual([
        route,
        303,
        '/console/sign-in',
      ]);
      expect(answer.text).not.toContain('secret fox');
    }
  });

  it("shows a client nothing of another's tasks, and lets it do nothing with them", async () => {
    const { relay, mine, theirs, task, browser } = await start();
    await browser.signIn(mine.key);
    for (const path of ['', '/live', '/redeliver', '/cancel']) {
      const address = `/console/tasks/${task.id}${path}`;
      const isPage = path === '' || path === '/live';
      const answer = isPage ? await browser.get(address) : await browser.submit(address);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.text).not.toContain('secret fox');
    }
    for (const path of ['', '?q=their', `?client=${theirs.id}`, `?q=${task.id}`, '?cursor=task_zzzz']) {
      const { text, status } = await browser.get(`/console/tasks${path}`);
      expect(status).toBe(200);
      expect(text).not.toContain('secret fox');
    }
    expect((await browser.get('/console')).text).toContain('Nothing in this time');
    expect((await relay.as(theirs.key).get(`/v1/tasks/${task.id}`)).body.state).toBe('running');
  });

  it('keeps the pages of clients to the operator', async () => {
    const { mine, theirs, relay, browser } = await start();
    await browser.signIn(mine.key);
    for (const route of routesOf(relay).filter((one) => one.includes('/clients'))) {
      const [method, path = ''] = route.split(' ');
      const address = `/console${path.replace(':id', theirs.id)}`;
      const answer =
        method === 'GET' ? await browser.get(address) : await browser.submit(address, { name: 'x' });
      expect([route, answer.status]).toEqual([route, 404]);
    }
    expect((await relay.as(theirs.key).get('/v1/client')).body.name).toBe('theirs');
    expect((await relay.admin().get('/admin/clients')).body.data).toHaveLength(2);
  });

  it('posts tasks of a client as that client, whoever the form names', async () => {
    const { relay, mine, theirs, browser } = await start();
    await browser.signIn(mine.key);
    const form = { model: 'seedance-2.0-reference-to-video', 'input.prompt': 'a fox', client: theirs.id };
    const { headers, status } = await browser.submit('/console/try', form);
    expect(status).toBe(303);
    const id = headers.get('location')?.split('/').at(-1);
    expect((await relay.as(mine.key).get(`/v1/tasks/${id}`)).status).toBe(200);
    expect((await relay.as(theirs.key).get(`/v1/tasks/${id}`)).status).toBe(404);
  });
});

describe('forms', () => {
  it.each([
    ['another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }],
    ['a neighbour on the same domain', { origin: 'https://evil.relay.test', 'sec-fetch-site': 'same-site' }],
    ['nobody says where', { origin: '' }],
    ['a page without an origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ])('that come from elsewhere are refused: %s', async (_, headers) => {
    const { relay, theirs, task, browser } = await start();
    await browser.signIn();
    for (const path of [
      `/console/tasks/${task.id}/cancel`,
      `/console/clients/${theirs.id}/revoke`,
      '/console/sign-in',
    ]) {
      expect((await browser.submit(path, {}, headers)).status).toBe(403);
    }
    expect((await relay.as(theirs.key).get(`/v1/tasks/${task.id}`)).body.state).toBe('running');
  });

  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/json',
    'application/octet-stream',
    'text/xml',
    'nonsense',
    null,
  ])('that come from elsewhere are refused whatever their content type: %s', async (type) => {
    const { relay, theirs, task, browser } = await start();
    await browser.signIn();
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      for (const path of [
        `/console/tasks/${task.id}/cancel`,
        `/console//clients/${theirs.id}/rotate-key/`,
        '/console/sign-out',
        '/console/nothing',
      ]) {
        for (const origin of ['https://evil.test', 'null', '', undefined]) {
          const headers = new Headers({ cookie: browser.cookie });
          if (type !== null) headers.set('content-type', type);
          if (origin !== undefined) headers.set('origin', origin);
          const body = method === 'OPTIONS' ? null : new Blob(['a=b']).stream();
          const { status } = await relay.request(path, { method, headers, body });
          expect([method, path, origin, status]).toEqual([method, path, origin, 403]);
        }
      }
    }
    expect((await relay.as(theirs.key).get(`/v1/tasks/${task.id}`)).body.state).toBe('running');
  });

  it('are UTF-8, as they come or percent-encoded, and not compressed', async () => {
    const { relay, theirs, browser } = await start();
    await browser.signIn();
    const type = 'application/x-www-form-urlencoded';
    const send = async (body: BodyInit, headers: Record<string, string> = {}) => {
      const own = { cookie: browser.cookie, origin: RELAY, 'content-type': type, ...headers };
      const path = `/console/clients/${theirs.id}`;
      const response = await relay.request(path, { method: 'POST', headers: own, body });
      return [response.status, await response.text()] as const;
    };
    expect(await send('name=sch%F6n')).toEqual([400, expect.stringContaining('not UTF-8')]);
    expect(await send(Uint8Array.of(0x6e, 0x3d, 0xf6))).toEqual([400, expect.stringContaining('0xF6')]);
    expect(await send('name=x', { 'content-encoding': 'gzip' })).toEqual([
      415,
      expect.stringContaining('Content-Encoding'),
    ]);
    expect((await relay.as(theirs.key).get('/v1/client')).body.name).toBe('theirs');
    expect((await send('name=sch%C3%B6n+100%25'))[0]).toBe(303);
    expect((await relay.as(theirs.key).get('/v1/client')).body.name).toBe('schön 100%');
  });

  it('may have 256 KiB, and no more', async () => {
    const { browser } = await start();
    expect((await browser.submit('/console/sign-in', { credential: 'x'.repeat(300_000) })).status).toBe(413);
  });

  it('change nothing by being asked for: a link that is followed does no harm', async () => {
    const { relay, theirs, task, browser } = await start();
    await browser.signIn();
    for (const path of [`/console/tasks/${task.id}/cancel`, `/console/clients/${theirs.id}/revoke`]) {
      expect((await browser.get(path)).status).toBe(404);
    }
    expect((await relay.as(theirs.key).get(`/v1/tasks/${task.id}`)).body.state).toBe('running');
  });
});

describe('what browsers are told', () => {
  it('pages run their own script only, are framed by nobody, and are not kept', async () => {
    const { task, browser } = await start();
    const signInPage = await browser.get('/console/sign-in');
    await browser.signIn();
    const paths = [
      '/console',
      '/console/tasks',
      `/console/tasks/${task.id}`,
      '/console/try',
      '/console/nothing',
    ];
    const pages = [signInPage, ...(await Promise.all(paths.map(async (path) => await browser.get(path))))];
    for (const { headers, text } of pages) {
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("style-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("form-action 'self'");
      expect(policy).not.toContain('unsafe');
      expect(policy).not.toContain('http:');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|javascript:/i);
    }
  });

  it('the reference and the landing page are as strict, and open to everybody', async () => {
    const { browser } = await start();
    for (const path of ['/', '/docs']) {
      const { headers, status, text } = await browser.get(path);
      expect(status).toBe(200);
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
      expect(text).toContain('/openapi.json');
    }
  });

  it('the landing page is a few lines of text to everything that is no browser', async () => {
    const { relay } = await start();
    const response = await relay.request('/');
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('/console');
  });

  it('files of the console and of the reference come with their type, for ever by their version', async () => {
    const { browser } = await start();
    const { text } = await browser.get('/docs');
    const files = Array.from(
      text.matchAll(/(?:href|src)="(\/[^"]*\/assets\/[^"]+)"/g),
      ([, url = '']) => url,
    );
    expect(files.length).toBeGreaterThan(3);
    for (const url of files) {
      const { status, headers } = await browser.get(url);
      expect([url, status]).toEqual([url, 200]);
      expect(headers.get('content-type')).toMatch(/^text\/(css|javascript)/);
      expect(headers.get('cache-control')).toContain('immutable');
    }
    expect((await browser.get('/console/assets/secrets.js')).status).toBe(404);
    expect((await browser.get('/docs/assets/constructor')).status).toBe(404);
  });
});

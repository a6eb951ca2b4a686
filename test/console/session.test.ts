import { describe, expect, it } from 'vitest';

import { sealedFor } from '../../src/domain/sealed-for.ts';
import { createSurfaces } from '../../src/wiring/surfaces.ts';
import { browserOf } from '../support/browser.ts';
import { ADMIN_TOKEN, startRelay } from '../support/relay.ts';

async function start() {
  const relay = await startRelay();
  return { relay, browser: browserOf(relay) };
}

describe('signing in to the console', () => {
  it('takes the admin token, and shows everything', async () => {
    const { browser } = await start();
    const answer = await browser.signIn();
    expect(answer).toMatchObject({ status: 303 });
    expect(answer.headers.get('location')).toBe('/console');
    const page = await browser.get('/console');
    expect(page.status).toBe(200);
    expect(page.text).toContain('Operator');
    expect(page.text).toContain('/console/clients');
  });

  it("takes a client's key, and shows no clients", async () => {
    const { relay, browser } = await start();
    const { key } = await relay.client({ name: 'zapier' });
    await browser.signIn(key);
    const page = await browser.get('/console');
    expect(page.text).toContain('zapier');
    expect(page.text).not.toContain('/console/clients');
  });

  it.each(['', 'rb_made-up', 'x'.repeat(5_000)])('refuses %j with 401', async (credential) => {
    const { browser } = await start();
    const answer = await browser.submit('/console/sign-in', { credential });
    expect(answer.status).toBe(401);
    expect(answer.setCookie).toBeNull();
    expect(answer.text).toContain('role="alert"');
  });

  it('waits where too many have failed from an address: the right token too, and a client, and the API alike', async () => {
    const { relay } = await start();
    const { key } = await relay.client();
    const from = { 'cf-connecting-ip': '192.0.2.78' };
    const failedSignIn = { limit: async () => ({ success: false }) };
    const app = createSurfaces({ ...relay.services, rates: { ...relay.services.rates, failedSignIn } });
    const signIn = async (credential: string, headers: Record<string, string> = from) => {
      const answer = await app.request('https://relay.test/console/sign-in', {
        method: 'POST',
        headers: {
          ...headers,
          origin: 'https://relay.test',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: `credential=${credential}`,
      });
      return [answer.status, answer.headers.get('retry-after'), answer.headers.get('set-cookie') === null];
    };
    expect(await signIn(ADMIN_TOKEN)).toEqual([303, null, false]);
    expect(await signIn('guess')).toEqual([429, '60', true]);
    expect(await signIn(ADMIN_TOKEN)).toEqual([429, '60', true]);
    expect(await signIn(key)).toEqual([429, '60', true]);
    const api = { headers: { ...from, authorization: `Bearer ${ADMIN_TOKEN}` } };
    expect((await app.request('https://relay.test/admin/stats', api)).status).toBe(429);
    expect((await signIn(ADMIN_TOKEN, { 'cf-connecting-ip': '192.0.2.79' }))[0]).toBe(303);
    relay.clock.advance(60_000);
    expect((await signIn(ADMIN_TOKEN))[0]).toBe(303);
  });

  it('counts failures with those of the API, and says when there were too many', async () => {
    const { relay } = await start();
    const counted: string[] = [];
    const failedSignIn = {
      limit: async ({ key }: { key: string }) => {
        counted.push(key);
        return { success: false };
      },
    };
    const app = createSurfaces({ ...relay.services, rates: { ...relay.services.rates, failedSignIn } });
    const response = await app.request('https://relay.test/console/sign-in', {
      method: 'POST',
      body: 'credential=rb_guess',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'https://relay.test',
        'cf-connecting-ip': '192.0.2.77',
      },
    });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('60');
    expect(counted).toEqual(['192.0.2.77']);
  });

  it('goes where the person wanted to go, and nowhere outside of the console', async () => {
    const { browser } = await start();
    const next = async (path: string) =>
      (await browser.submit('/console/sign-in', { credential: ADMIN_TOKEN, next: path })).headers.get(
        'location',
      );
    expect(await next('/console/tasks?state=failed')).toBe('/console/tasks?state=failed');
    for (const path of [
      'https://evil.test/',
      '//evil.test',
      '/\\evil.test',
      '/console/../admin',
      '/consolex',
    ]) {
      expect(await next(path)).toBe('/console');
    }
  });
});

describe('an address of the console with slashes too many', () => {
  it('asks for the same sign-in, leads back to the page without them, and nowhere else', async () => {
    const { browser } = await start();
    const back = async (path: string) => (await browser.get(path)).headers.get('location');
    expect(await back('/console//tasks/?q=a//b')).toBe(
      `/console/sign-in?next=${encodeURIComponent('/console/tasks?q=a//b')}`,
    );
    expect(await back('//console/')).toBe(`/console/sign-in?next=${encodeURIComponent('/console')}`);
    expect(await back('/console//evil.test/')).toBe(
      `/console/sign-in?next=${encodeURIComponent('/console/evil.test')}`,
    );
    await browser.signIn();
    for (const path of [
      '/console/',
      '//console',
      '/console//tasks/',
      '/console/try//',
      '/console/clients/',
    ]) {
      expect([path, (await browser.get(path)).status]).toEqual([path, 200]);
    }
    expect((await browser.submit('//console//sign-out/')).headers.get('location')).toBe(
      '/console/sign-in?out',
    );
  });
});

describe('the session', () => {
  it('is a cookie for this host alone, that no script reads, over https only', async () => {
    const { browser } = await start();
    const { setCookie } = await browser.signIn();
    expect(setCookie).toMatch(/^__Host-ringback=/);
    for (const part of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/', 'Max-Age=14400']) {
      expect(setCookie).toContain(part);
    }
    expect(setCookie).not.toContain(ADMIN_TOKEN);
  });

  it('works over http on loopback, where development happens, and there only', async () => {
    const { relay } = await start();
    const signIn = async (origin: string) => {
      const response = await createSurfaces(relay.services).request(`${origin}/console/sign-in`, {
        method: 'POST',
        body: `credential=${ADMIN_TOKEN}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
      });
      return response.headers.get('set-cookie');
    };
    expect(await signIn('http://127.0.0.1:8787')).not.toContain('Secure');
    expect(await signIn('http://relay.lan')).toContain('Secure');
  });

  it('ends after four hours', async () => {
    const { relay, browser } = await start();
    await browser.signIn();
    relay.clock.advance(4 * 3_600_000 - 1);
    expect((await browser.get('/console')).status).toBe(200);
    relay.clock.advance(1);
    expect((await browser.get('/console')).status).toBe(303);
  });

  it("ends when the client's key is rotated, and when the client is revoked", async () => {
    const { relay, browser } = await start();
    const { id, key } = await relay.client();
    await browser.signIn(key);
    const { body } = await relay.admin().post(`/admin/clients/${id}/rotate-key`);
    expect((await browser.get('/console')).status).toBe(303);
    await browser.signIn(body.key);
    expect((await browser.get('/console')).status).toBe(200);
    await relay.admin().delete(`/admin/clients/${id}`);
    expect((await browser.get('/console')).status).toBe(303);
  });

  it('ends when the ADMIN_TOKEN or the MASTER_KEY changes', async () => {
    const { relay, browser } = await start();
    await browser.signIn();
    const cookie = browser.cookie;
    const statusWith = async (services: typeof relay.services) => {
      const response = await createSurfaces(services).request('https://relay.test/console', {
        headers: { cookie },
      });
      return response.status;
    };
    const { services } = relay;
    expect(await statusWith(services)).toBe(200);
    const otherToken = { ...services.config, adminToken: 'another-admin-token-of-24-chars' };
    expect(await statusWith({ ...services, config: otherToken })).toBe(303);
    relay.restart({ vars: { MASTER_KEY: 'hQd1m0uVb5sY3nZk7rT9wX2cJ8fLgP4eA6iOqUyNvBM=' } });
    expect(await statusWith(relay.services)).toBe(303);
  });

  it('cannot be forged: not by changing it, and not with a value that was sealed for something else', async () => {
    const { relay, browser } = await start();
    await browser.signIn();
    const genuine = browser.cookie;
    const session = JSON.stringify({ clientId: null, credential: 'x', until: Date.now() * 2 });
    const { secrets } = relay.services;
    const forged = [
      `${genuine.slice(0, -3)}abc`,
      '__Host-ringback=v1.AAAA.BBBB',
      '__Host-ringback=',
      `__Host-ringback=${session}`,
      `__Host-ringback=${await secrets.seal(session, sealedFor.inbox)}`,
      `__Host-ringback=${await secrets.seal(session, sealedFor.session)}`,
      // The prefix is what binds a cookie to the host: without it, it is not ours.
      genuine.replace('__Host-', ''),
    ];
    for (const cookie of forged) {
      browser.cookie = cookie;
      expect([cookie, (await browser.get('/console')).status]).toEqual([cookie, 303]);
    }
  });

  it('is over after signing out', async () => {
    const { browser } = await start();
    await browser.signIn();
    const { headers, setCookie } = await browser.submit('/console/sign-out');
    expect(headers.get('location')).toBe('/console/sign-in?out');
    expect(setCookie).toContain('Max-Age=0');
    expect((await browser.get('/console')).status).toBe(303);
  });
});

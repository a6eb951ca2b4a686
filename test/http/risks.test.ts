import { beforeEach, describe, expect, it, vi } from 'vitest';
import { risksOf } from '../../src/http/risks.ts';
import { createSurfaces } from '../../src/wiring/surfaces.ts';
import { browserOf } from '../support/browser.ts';
import { startRelay } from '../support/relay.ts';

const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
  for (const how of ['log', 'warn', 'error'] as const)
    vi.spyOn(console, how).mockImplementation((line: unknown) => void logged.push(String(line)));
});

const warnings = (text: string) => logged.filter((line) => line.includes('warning') && line.includes(text));

describe('private callbacks where strangers reach Ringback', () => {
  it.each([
    ['relay.example.com', true],
    ['ringback.someone.workers.dev', true],
    ['203.0.114.9', true],
    ['[2606:4700::1]', true],
    ['localhost', false],
    ['127.0.0.1', false],
    ['[::1]', false],
    ['192.168.1.7', false],
    ['10.0.0.2', false],
    ['relay.internal', false],
    ['relay.localhost', false],
    ['laptop.local', false],
  ])('are a risk on %s: %s', async (host, isRisk) => {
    const { config } = (await startRelay({ vars: { ALLOW_PRIVATE_CALLBACKS: 'true' } })).services;
    expect(risksOf(config, host).map(({ title }) => title)).toEqual(
      isRisk ? ['ALLOW_PRIVATE_CALLBACKS is true'] : [],
    );
    expect(risksOf({ ...config, allowPrivateCallbacks: false }, host)).toEqual([]);
    expect(risksOf(config, null)).toEqual([]);
  });

  it('are a red line on the overview and one warning in the log, and are not refused', async () => {
    const relay = await startRelay({ vars: { ALLOW_PRIVATE_CALLBACKS: 'true' } });
    const browser = browserOf(relay);
    await browser.signIn();
    for (const path of ['/console', '/console/live']) {
      const { status, text } = await browser.get(path);
      expect(status).toBe(200);
      expect(text).toMatch(/<li class="bad">.*ALLOW_PRIVATE_CALLBACKS is true.*relay\.test is public/);
    }
    expect(warnings('ALLOW_PRIVATE_CALLBACKS is true')).toHaveLength(1);
    const client = browserOf(relay);
    await client.signIn((await relay.client()).key);
    expect((await client.get('/console')).text).not.toContain('ALLOW_PRIVATE_CALLBACKS');
  });
});

describe('an upstream that is asked in the clear', () => {
  it.each([
    ['http://api.example.com', true],
    ['http://203.0.114.9:8080', true],
    ['http://10.0.0.2', true],
    ['http://localhost.example.com', true],
    ['http://127.0.0.1.example.com', true],
    ['https://api.example.com', false],
    ['http://localhost:8787', false],
    ['http://127.0.0.1:8787', false],
    ['http://127.9.9.9', false],
    ['http://[::1]:8787', false],
    ['http://upstream.localhost', false],
  ])('is a risk at %s: %s', async (upstreamUrl, isRisk) => {
    const { config } = (await startRelay()).services;
    expect(risksOf({ ...config, upstreamUrl }, null).map(({ title }) => title)).toEqual(
      isRisk ? ['UPSTREAM_URL begins with http:'] : [],
    );
  });

  it('is a red line on the overview, and in the log as soon as Ringback starts', async () => {
    const relay = await startRelay();
    const config = { ...relay.services.config, upstreamUrl: 'http://api.example.com' };
    const app = createSurfaces({ ...relay.services, config });
    expect(warnings('UPSTREAM_URL begins with http:')).toHaveLength(1);
    const browser = browserOf(relay);
    await browser.signIn();
    const page = await app.request('https://relay.test/console', { headers: { cookie: browser.cookie } });
    expect(await page.text()).toMatch(/<li class="bad">.*UPSTREAM_URL begins with http:/);
    await app.request('https://relay.test/healthz');
    expect(warnings('UPSTREAM_URL begins with http:')).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { browserOf } from '../support/browser.ts';
import { RELAY, startRelay } from '../support/relay.ts';

const TOOLS = ['n8n', 'zapier', 'make', 'power-automate', 'code', 'agents'];

describe('the guides', () => {
  it.each(TOOLS)('%s is there for everybody, with the address of this Ringback in it', async (tool) => {
    const relay = await startRelay();
    const { status, text, headers } = await browserOf(relay).get(`/guides/${tool}`);
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    expect(text).toMatch(/<h1 id="[^"]+">/);
    expect(text).not.toContain('ringback.example.workers.dev');
    expect(text).not.toContain('ringback.your-name.workers.dev');
    for (const other of TOOLS) expect(text).toContain(`href="/guides/${other}"`);
  });

  it('fill the address in where it is to be entered', async () => {
    const relay = await startRelay();
    const { text } = await browserOf(relay).get('/guides/zapier');
    expect(text).toContain(`<code>${RELAY}</code> is the address of this Ringback.`);
    expect(text).toContain(`${RELAY}/v1/callbacks/test`);
  });

  it('name the client that is signed in, and nobody to anybody else', async () => {
    const relay = await startRelay();
    const { key } = await relay.client({ name: 'Shop <b>' });
    const browser = browserOf(relay);
    await browser.signIn(key);
    const { text, headers } = await browser.get('/guides/make');
    expect(text).toContain('You are signed in as Shop &lt;b&gt;');
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await browserOf(relay).get('/guides/make')).text).not.toContain('Shop');
  });

  it('link to files that are there, and nowhere else on this Ringback', async () => {
    const relay = await startRelay();
    const browser = browserOf(relay);
    const links = new Set<string>();
    for (const tool of TOOLS) {
      const { text } = await browser.get(`/guides/${tool}`);
      for (const [, href = ''] of text.matchAll(/<a href="([^"]+)"/g)) links.add(href);
    }
    const own = [...links].filter((href) => !/^(https:|#)/.test(href));
    expect(own).toEqual(
      expect.arrayContaining(['/guides/files/n8n-workflow.json', '/guides/files/code/receive.py']),
    );
    for (const href of own) expect((await browser.get(href)).status, href).toBeLessThan(400);
    for (const href of own.filter((one) => one.startsWith('/guides/files/'))) {
      const { status, headers } = await browser.get(href);
      expect([status, headers.get('content-disposition')]).toEqual([
        200,
        expect.stringContaining('attachment'),
      ]);
    }
    const workflow = await browser.get('/guides/files/n8n-workflow.json');
    expect(workflow.text).toContain(`${RELAY}/v1/tasks`);
    expect(JSON.parse(workflow.text)).toHaveProperty('nodes');
  });

  it.each(['/guides/pabbly', '/guides/constructor', '/guides/files/../secret', '/guides/files/toString'])(
    '%s is none',
    async (path) => {
      const relay = await startRelay();
      expect((await browserOf(relay).get(path)).status).toBe(404);
    },
  );
});

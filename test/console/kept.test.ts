import { describe, expect, it } from 'vitest';
import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';

async function ended(prompt: string, vars: Record<string, string> = {}) {
  const relay = await startRelay({ timeScale: 0.05, keepsResults: true, vars });
  const me = relay.as((await relay.client()).key);
  const { id } = (await me.post('/v1/tasks', video(prompt))).body;
  await relay.tickUntil(async () => (await me.get(`/v1/tasks/${id}`)).body.state === 'succeeded');
  const browser = browserOf(relay);
  await browser.signIn();
  return { relay, browser, id, task: (await me.get(`/v1/tasks/${id}`)).body };
}

describe("a task's page", () => {
  it('plays the kept file, and says how large it is and until when it is here', async () => {
    const { browser, id, task } = await ended('a fox [size:1234567]');
    const { text } = await browser.get(`/console/tasks/${id}`);
    expect(text).toContain(`<video src="${task.result_url}"`);
    expect(text).toContain('1.2 MB');
    expect(text).toContain('kept until');
    expect(text).toContain(`href="${task.result_url}?download=1"`);
    expect(text).not.toContain('Links of upstream expire');
  });

  it('says why a file is not kept', async () => {
    const { browser, id, task } = await ended('a fox [file:huge]');
    const { text } = await browser.get(`/console/tasks/${id}`);
    expect(text).toContain(`<video src="${task.source_urls[0]}"`);
    expect(text).toContain('Not kept. It is 10000 MB large');
    expect(text).toContain('Links of upstream expire');
  });

  it('says that files are copied, while they are', async () => {
    const relay = await startRelay({ timeScale: 0.05, keepsResults: true, vars: { TICK_SECONDS: '8' } });
    const me = relay.as((await relay.client()).key);
    const { id } = (await me.post('/v1/tasks', video('a fox [slow:5] [file:flaky]'))).body;
    await relay.tick();
    const browser = browserOf(relay);
    await browser.signIn();
    expect((await browser.get(`/console/tasks/${id}`)).text).toContain('Copying the result');
  });
});

describe('the overview', () => {
  it('says what is kept, and what that costs a month', async () => {
    const { browser } = await ended('a fox [size:1234567]');
    const { text } = await browser.get('/console');
    expect(text).toContain('Results kept: 1.2 MB of 1 tasks, for nothing a month at R2.');
  });
});

describe("a client's form", () => {
  it('keeps results unless that is unticked', async () => {
    const { relay, browser } = await ended('a fox [size:10]');
    const { id } = await relay.client();
    const keeps = async () => (await relay.admin().get(`/admin/clients/${id}`)).body.keep_results;
    expect(await keeps()).toBe(true);
    await browser.submit(`/console/clients/${id}`, { name: 'test', keep_results: 'false' });
    expect(await keeps()).toBe(false);
    await browser.submit(`/console/clients/${id}`, { name: 'test', keep_results: 'true' });
    expect(await keeps()).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';

import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

async function start(prompt: string) {
  const relay = await startRelay({ timeScale: 1.5 });
  const browser = browserOf(relay);
  await browser.signIn();
  const me = relay.as((await relay.client()).key);
  const { id } = (await me.post('/v1/tasks', video(prompt))).body;
  const page = async () => (await browser.get(`/console/tasks/${id}`)).text;
  return { relay, me, id, page };
}

/** How often upstream was asked. */
function asked(relay: Relay): number {
  return Object.values(relay.simulator.snapshot().calls.recordInfo).reduce((a, b) => a + b, 0);
}

/** How often the page says it was. */
function shown(page: string): number {
  return Number(/Polled at least (\d+) times/.exec(page)?.[1] ?? 0);
}

describe('the polls of a task, on its page,', () => {
  it('are counted over several crons, up to the one that saw the end', async () => {
    const { relay, me, id, page } = await start('a fox');
    expect(await page()).not.toContain('Polled');
    await relay.tick();
    expect(shown(await page())).toBeGreaterThan(3);
    expect(shown(await page())).toBeLessThanOrEqual(asked(relay));
    await relay.tickUntil(async () => (await me.get(`/v1/tasks/${id}`)).body.state === 'succeeded');
    expect(asked(relay)).toBeGreaterThan(10);
    expect(shown(await page())).toBe(asked(relay));
    expect(await page()).toContain('The last one saw the end.');
  });

  it('are no more than there were where an isolate went and took some counts with it', async () => {
    const { relay, page } = await start('[never]');
    await relay.tick();
    relay.restart();
    relay.clock.advance(60_000);
    await relay.tick();
    expect(shown(await page())).toBeGreaterThan(3);
    expect(shown(await page())).toBeLessThanOrEqual(asked(relay));
  });

  it('are those up to its cancelation, where somebody canceled it', async () => {
    const { relay, me, id, page } = await start('[never]');
    await relay.tick();
    await me.post(`/v1/tasks/${id}/cancel`);
    expect(shown(await page())).toBeGreaterThan(3);
    expect(await page()).not.toContain('The last one saw the end.');
    expect((await me.get(`/v1/tasks/${id}`)).body).not.toHaveProperty('polls');
  });
});

describe('the attempts of a callback, on the page of its task,', () => {
  it('say what can be done about them, once for each thing that was met', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const browser = browserOf(relay);
    await browser.signIn();
    relay.receiver('hooks.example.com', [{ status: 401 }, { status: 401 }, { status: 200 }]);
    const me = relay.as((await relay.client()).key);
    const task = video('a fox', { callback_url: 'https://hooks.example.com/42' });
    const { id } = (await me.post('/v1/tasks', task)).body;
    const test = await me.post('/v1/callbacks/test', { url: 'https://hooks.example.com/42' });
    await relay.tickUntil(async () => (await me.get(`/v1/tasks/${id}`)).body.callback.attempts === 2);
    const { text } = await browser.get(`/console/tasks/${id}`);
    const words = test.body.advice.replaceAll("'", '&#39;');
    expect(text.split(words)).toHaveLength(2);
  });
});

import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';

import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';

/** The page of a succeeded task whose result, callback URL and attempt are these. */
async function pageOf(url: string, callbackUrl = 'https://hooks.example.com/1', location = url) {
  const relay = await startRelay({ timeScale: 0 });
  const browser = browserOf(relay);
  await browser.signIn();
  relay.receiver('hooks.example.com', [{ status: 307, headers: { location: 'https://b.example.com/' } }]);
  const me = relay.as((await relay.client()).key);
  const { body } = await me.post('/v1/tasks', video('', { callback_url: 'https://hooks.example.com/1' }));
  await relay.tick();
  // As releases that looked less closely have stored it.
  await env.DB.batch([
    env.DB.prepare('update tasks set result_json = ?1, callback_url = ?2').bind(
      JSON.stringify({ resultUrls: [url] }),
      callbackUrl,
    ),
    env.DB.prepare('update deliveries set url = ?1').bind(callbackUrl),
    env.DB.prepare('update delivery_attempts set detail = ?1').bind(
      `Answered 307 to ${location}, and so on.`,
    ),
  ]);
  return (await browser.get(`/console/tasks/${body.id}`)).text;
}

const sourcesIn = (page: string) =>
  Array.from(page.matchAll(/(?:href|src)="([^"]*)"/g), ([, source = '']) => source).filter(
    (source) => !/^[/#]/.test(source),
  );

it('a result link that leads to where it seems to is a link, and is played', async () => {
  const page = await pageOf('https://cdn.example.com/1.mp4');
  expect(page).toContain('<video src="https://cdn.example.com/1.mp4"');
  expect(page).toContain('<a href="https://cdn.example.com/1.mp4"');
});

it.each([
  ['with user info', 'https://bank.example@evil.example/1.mp4', 'https://bank.example@evil.example/1.mp4'],
  ['with what turns it around', 'https://evil.example/\u202E4pm.exe', 'https://evil.example/\\u202e4pm.exe'],
  ['with what nobody sees', 'https://evil.example/\u200B1.mp4', 'https://evil.example/\\u200b1.mp4'],
])('one %s is text, and nothing is fetched from it', async (_, url, text) => {
  const page = await pageOf(url, url);
  expect(sourcesIn(page)).toEqual([]);
  expect(page).toContain(`<span class="mono break">${text}</span>`);
});

it.each(['javascript:alert(1)', 'data:text/html,x', 'https://me:pw@evil.example/'])(
  'where a redirect pointed is never a link: %s',
  async (location) => {
    expect(sourcesIn(await pageOf('https://cdn.example.com/1.mp4', location, location))).toEqual([
      'https://cdn.example.com/1.mp4',
      'https://cdn.example.com/1.mp4',
    ]);
  },
);

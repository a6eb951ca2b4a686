import { describe, expect, it } from 'vitest';

import { attempted } from '../../src/domain/delivery.ts';
import { webhookId } from '../../src/domain/ids.ts';
import type { ScriptedAnswer } from '../support/receiver.ts';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const TEAMS = 'https://contoso.webhook.office.com/webhookb2/abc';
const TEAMS_FAILURE =
  'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0';
const ECHO = 'https://script.googleusercontent.com/macros/echo?user_content_key=abc&lib=M1';

/** The task after its receiver gave these answers, and its attempt log. */
async function called(url: string, script: ScriptedAnswer[], more: Record<string, unknown> = {}) {
  const relay = await startRelay({ timeScale: 0, vars: { TICK_SECONDS: '8' } });
  const receiver = relay.receiver(new URL(url).host, script);
  const me = relay.as((await relay.client()).key);
  const { body } = await me.post('/v1/tasks', video('', { callback_url: url, ...more }));
  const path = `/v1/tasks/${body.id}`;
  await relay.tick();
  const task = (await me.get(path)).body;
  const log = (await me.get(`${path}/attempts?limit=100`)).body.data;
  return { relay, receiver, me, path, task, log };
}

/** An attempt comes back after its delivery has moved on: it is logged, and decides nothing. */
async function answerLate({ services }: Relay, taskId: string, at: number): Promise<void> {
  const { deliveries, exchange } = services.stores;
  const current = await deliveries.get(webhookId(taskId), null);
  if (current === null) throw new Error('there is no delivery');
  const stale = { ...current, revision: current.revision - 1 };
  const plan = { outcome: 'retry', at: at + 5_000, round: stale.round } as const;
  const change = {
    delivery: attempted(stale, { plan, status: 500, at, now: at }),
    attempt: {
      number: current.attempts + 1,
      at,
      status: 500,
      durationMs: 1,
      outcome: 'retry',
      detail: 'x',
      nextAttemptAt: null,
    },
    leasedUntil: 0,
    resultJson: null,
    notice: null,
  } as const;
  await exchange.exchange({ outcomes: [{ delivery: change }], receivers: [], now: at }, null);
}

/** What a test of this address says. */
async function tested(url: string, answer: ScriptedAnswer) {
  const relay = await startRelay();
  relay.receiver(new URL(url).host, [answer]);
  return (await relay.as((await relay.client()).key).post('/v1/callbacks/test', { url })).body;
}

describe('a receiver that asks for time is given it', () => {
  it.each<[string, [string, string][], number]>([
    ['in decimals', [['retry-after', '9.5']], 10_000],
    [
      'in two lines',
      [
        ['retry-after', '3'],
        ['retry-after', '9.5'],
      ],
      10_000,
    ],
    [
      'in a line and a date',
      [
        ['retry-after', 'Sun, 22 Nov 2026 15:30:00 GMT'],
        ['Retry-After', '5'],
      ],
      1_000_000,
    ],
    ['with white space around', [['retry-after', ' \t 20 ']], 20_000],
  ])('%s', async (_, headers, atLeastMs) => {
    for (const status of [429, 503]) {
      const { log } = await called(HOOK, [{ status, headers }]);
      const { at, next_attempt_at: next } = log[0];
      expect(Date.parse(next) - Date.parse(at)).toBeGreaterThanOrEqual(atLeastMs);
    }
  });
});

describe('the attempt log cuts out secrets, and nothing else', () => {
  it('of a header that names a place, what stands in an address stays', async () => {
    const { log } = await called(
      HOOK,
      [{ status: 307, headers: { location: 'https://b.example.com/production/hook' } }],
      { callback_headers: { 'X-Environment': 'production' } },
    );
    expect(log[0].detail).toContain('to https://b.example.com/production/hook, and');
  });

  it('a short key is no part of a longer word', async () => {
    const { log } = await called(HOOK, [{ status: 500, body: 'the products are produced by product' }], {
      callback_headers: { 'X-Api-Key': 'product' },
    });
    expect(log[0].detail).toContain('"the products are produced by [redacted]"');
  });

  it.each([
    ['a bearer', 'got s3cret-value-1', { Authorization: 'Bearer s3cret-value-1' }],
    ['a key', 'got s3cret', { 'X-Api-Key': 's3cret' }],
    ['the password of Basic', 'no user with s3cret', { Authorization: `Basic ${btoa('me:s3cret')}` }],
    ['in a URL', 'see /?k=a%2Fs3cret%3D', { 'X-Token': 'a/s3cret=' }],
    ['in JSON', '{"k":"\\"s3cret\\""}', { 'X-Secret': '"s3cret"' }],
    ['a long value of another name', 'got s3cret-of-16-chars', { 'X-Flow': 's3cret-of-16-chars' }],
    ['where the limit cuts it off', `${'x'.repeat(1_013)} s3cret-and-more`, { 'X-Key': 's3cret-and-more' }],
  ])('%s', async (_, body, callback_headers) => {
    const { log } = await called(HOOK, [{ status: 500, body }], { callback_headers });
    expect(log[0].detail).toContain('[redacted]');
    expect(log[0].detail).not.toContain('s3cret');
  });

  it('of a redirect, the user name and the password', async () => {
    const { log } = await called(HOOK, [
      { status: 307, headers: { location: 'https://me:pw@b.example.com/x' } },
    ]);
    expect(log[0]).toMatchObject({ status: 307, outcome: 'retry' });
    expect(log[0].detail).toContain(
      'Answered 307 to https://b.example.com/x, and redirects are not followed',
    );
  });
});

describe('a success that speaks of a failure is delivered, and the log says what it said', () => {
  it.each<[string, string, ScriptedAnswer]>([
    ['Teams', TEAMS, { status: 200, body: TEAMS_FAILURE }],
    ['a Slack workflow', 'https://hooks.slack.com/triggers/T0/1/a', { status: 200, body: '{"ok":false}' }],
    ['anybody, shortly', HOOK, { status: 200, body: TEAMS_FAILURE, headers: { 'content-length': '113' } }],
  ])('%s', async (_, url, answer) => {
    const { task, log, receiver } = await called(url, [answer]);
    expect(task.callback).toMatchObject({ state: 'delivered', attempts: 1, last_status: 200 });
    expect(receiver.received).toHaveLength(1);
    expect(log[0]).toMatchObject({ status: 200, outcome: 'delivered', next_attempt_at: null });
    expect(log[0].detail).toMatch(
      /^Answered 200 with ".*"; delivered\. It answered a success, which counts, but/,
    );
    const test = await tested(url, answer);
    expect(test).toMatchObject({ ok: true, status: 200, problem: null });
    expect(test.advice).toContain('its words speak of a failure');
  });

  it.each<[string, string, ScriptedAnswer]>([
    ['where Teams posted it', TEAMS, { status: 200, body: '1' }],
    ['where the answer does not say how long it is', HOOK, { status: 200, body: TEAMS_FAILURE }],
    ['where it has no words', HOOK, { status: 204 }],
  ])('but not %s', async (_, url, answer) => {
    const { log } = await called(url, [answer]);
    expect(log[0].detail).toMatch(/^Answered 20[04]; delivered\.$/);
  });

  it('secrets are cut out of it too', async () => {
    const { log } = await called(TEAMS, [{ status: 200, body: 'no s3cret-value' }], {
      callback_headers: { 'X-Api-Key': 's3cret-value' },
    });
    expect(log[0].detail).toContain('Answered 200 with "no [redacted]"; delivered.');
  });
});

describe('advice leads somewhere', () => {
  it('of Google Apps Script, in the test and in the log', async () => {
    const words = 'Google Apps Script cannot take callbacks directly';
    const url = 'https://script.google.com/macros/s/AKfycb/exec';
    const answer = { status: 302, headers: { location: ECHO } };
    expect(await tested(url, answer)).toMatchObject({ ok: false, status: 302, problem: 'redirect' });
    expect((await tested(url, answer)).advice).toContain(words);
    expect((await tested(url, answer)).advice).not.toContain(ECHO);
    const { log } = await called(url, [answer]);
    expect(log[0]).toMatchObject({ status: 302, outcome: 'retry' });
    expect(log[0].detail).toContain(`Answered 302 to ${ECHO}, and`);
    expect(log[0].detail).toContain(words);
  });

  it.each([
    ['plain http', 'http://b.example.com/x'],
    ['a private address', 'https://10.0.0.1/x'],
    ['Ringback', 'https://relay.test/x'],
    ['another port', 'https://b.example.com:22/x'],
    ['a script', 'javascript:alert(1)'],
    ['no address', 'https://'],
    ['a name and a password', 'https://me:pw@b.example.com/x'],
  ])('a redirect to %s is not named', async (_, location) => {
    for (const status of [301, 302, 307, 308]) {
      const { problem, advice } = await tested(HOOK, { status, headers: { location } });
      expect(problem).toBe('redirect');
      expect(advice).not.toContain(location);
    }
  });
});

describe('the attempt log is bounded', () => {
  it.each([
    ['null bytes', '\0'],
    ['quotes', '"'],
    ['two bytes a character', 'é'],
    ['four bytes a character', '😀'],
    ['what is no text', '\u0080'],
  ])('at 1 KiB of what a receiver says: %s', async (_, character) => {
    const { log } = await called(HOOK, [{ status: 500, body: character.repeat(5_000) }]);
    const excerpt = /^Answered 500 with "(.*)"; next attempt/s.exec(log[0].detail)?.[1] ?? '';
    expect(excerpt.length).toBeGreaterThan(100);
    expect(new TextEncoder().encode(excerpt).length).toBeLessThanOrEqual(1_024);
    expect(excerpt).not.toContain('\uFFFD');
  });

  it('at the latest 100 attempts, which keep their numbers', async () => {
    const { relay, me, path, task } = await called(HOOK, [{ status: 410 }, { status: 200 }]);
    for (let i = 1; i <= 120; i++) await answerLate(relay, task.id, relay.clock.now() + i);
    const { deliveries } = relay.services.stores;
    expect((await deliveries.attempts(webhookId(task.id))).map(({ number }) => number)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 22),
    );
    await me.post(`${path}/redeliver`);
    await relay.tick();
    expect((await me.get(path)).body.callback).toMatchObject({ state: 'delivered', attempts: 122 });
    const { data } = (await me.get(`${path}/attempts?limit=100`)).body;
    expect(data).toHaveLength(100);
    const numbers = data
      .map(({ number }: { number: number }) => number)
      .toSorted((a: number, b: number) => a - b);
    expect([numbers[0], numbers.at(-1)]).toEqual([23, 122]);
  });
});

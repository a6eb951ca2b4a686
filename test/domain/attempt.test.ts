import { describe, expect, it } from 'vitest';

import { describeAttempt } from '../../src/domain/attempt.ts';
import type { ReceiverAnswer } from '../../src/domain/receiver.ts';
import { NEW_ROUND } from '../../src/domain/retry-schedule.ts';
import type { RetryPlan } from '../../src/domain/retry-schedule.ts';
import { T0 } from './sample-task.ts';

const attempt = { number: 2, at: T0, durationMs: 120 };
const retry: RetryPlan = { outcome: 'retry', at: T0 + 5_000, round: NEW_ROUND };
const URL = 'https://hooks.example.com/42';
const NEXT = 'next attempt at 2026-11-22T15:00:05.000Z.';

function response(status: number, excerpt = '', location: string | null = null): ReceiverAnswer {
  return { kind: 'response', status, retryAfter: null, location, excerpt };
}

describe('the log says what happened and what follows', () => {
  it.each<[ReceiverAnswer, RetryPlan, string]>([
    [response(200), { outcome: 'delivered' }, 'Answered 200; delivered.'],
    [response(202, 'queued'), { outcome: 'delivered' }, 'Answered 202; delivered.'],
    [response(500), retry, `Answered 500; ${NEXT}`],
    [response(500, 'no "row"\n'), retry, `Answered 500 with "no \\"row\\"\\n"; ${NEXT}`],
    [
      response(410),
      { outcome: 'stopped' },
      'Answered 410; a 410 asks for no more callbacks, so it is not tried again by itself.',
    ],
    [
      response(410, 'gone'),
      { outcome: 'stopped' },
      'Answered 410 with "gone"; a 410 asks for no more callbacks, so it is not tried again by itself.',
    ],
    [
      response(301, 'moved', 'https://b.example/'),
      retry,
      `Answered 301 to https://b.example/, and redirects are not followed; ${NEXT}`,
    ],
    [response(304), retry, `Answered 304, and redirects are not followed; ${NEXT}`],
    [response(503), { outcome: 'exhausted' }, 'Answered 503; that was the last attempt of the schedule.'],
    [{ kind: 'timeout', afterMs: 15_000 }, retry, `No answer within 15 s; ${NEXT}`],
    [
      { kind: 'tls', message: 'certificate expired' },
      retry,
      `The TLS connection failed: certificate expired; ${NEXT}`,
    ],
    [{ kind: 'connection', message: 'refused' }, retry, `The connection failed: refused; ${NEXT}`],
    [{ kind: 'forbidden', message: 'a private address' }, retry, `Not called: a private address; ${NEXT}`],
    [{ kind: 'unsendable', message: 'no secret' }, retry, `Not called: no secret; ${NEXT}`],
  ])('%j, %j', (answer, plan, detail) => {
    expect(describeAttempt(answer, plan, attempt, URL)).toEqual({
      ...attempt,
      status: answer.kind === 'response' ? answer.status : null,
      outcome: plan.outcome,
      detail,
      nextAttemptAt: plan.outcome === 'retry' ? T0 + 5_000 : null,
    });
  });
});

/** The words of the log. */
function loggedWords(answer: ReceiverAnswer, plan: RetryPlan, url: string): string {
  return describeAttempt(answer, plan, attempt, url).detail;
}

describe('what a peer says is bounded in the log', () => {
  it.each([
    ['plain', 'x'],
    ['what JSON escapes', '\0'],
    ['what could not be decoded', '\uFFFD'],
    ['characters of four bytes', '😀'],
  ])('an excerpt: %s', (_, character) => {
    const said = /with "(.*)"; next/.exec(
      loggedWords(response(500, character.repeat(1_024)), retry, URL),
    )?.[1];
    expect(new TextEncoder().encode(said).length).toBeLessThanOrEqual(1_024);
    expect(said?.isWellFormed()).toBe(true);
  });

  it('where a redirect pointed, without user info', () => {
    expect(loggedWords(response(307, '', 'https://me:pw@b.example/x'), retry, URL)).toBe(
      `Answered 307 to https://b.example/x, and redirects are not followed; ${NEXT}`,
    );
    const long = loggedWords(response(307, '', `https://b.example/${'漢'.repeat(1_000)}`), retry, URL);
    expect(new TextEncoder().encode(long).length).toBeLessThan(1_200);
  });
});

describe('a success that speaks of a failure is delivered, and told', () => {
  const TEAMS = 'https://contoso.webhook.office.com/webhookb2/abc';
  const WORDS =
    'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429';

  it.each([
    ['of Teams', TEAMS, WORDS, 'Microsoft Teams takes its own message cards only'],
    [
      'of Slack',
      'https://hooks.slack.com/services/T0/B0/a',
      'no_text',
      'Slack takes its own message format only',
    ],
    ['of anybody', URL, '{"ok":false}', ''],
  ])('%s', (_, url, excerpt, quirk) => {
    const logged = describeAttempt(response(200, excerpt), { outcome: 'delivered' }, attempt, url);
    expect(logged).toMatchObject({ status: 200, outcome: 'delivered', nextAttemptAt: null });
    expect(logged.detail).toContain(
      `Answered 200 with ${JSON.stringify(excerpt)}; delivered. It answered a success, `,
    );
    expect(logged.detail).toContain(quirk);
  });

  it('but not where it does not', () => {
    expect(loggedWords(response(200, '1'), { outcome: 'delivered' }, TEAMS)).toBe('Answered 200; delivered.');
  });
});

it('the log says of Google Apps Script what to do instead', () => {
  const echo = 'https://script.googleusercontent.com/macros/echo?user_content_key=x&lib=y';
  for (const url of [URL, 'https://script.google.com/macros/s/abc/exec']) {
    expect(loggedWords(response(302, '', echo), retry, url)).toContain(
      `Answered 302 to ${echo}, and redirects are not followed; ${NEXT} Google Apps Script cannot take callbacks directly`,
    );
  }
});

describe('where the receiver is a known one that refused, the log says why that may be', () => {
  const N8N = 'https://acme.app.n8n.cloud/webhook/orders';
  const N8N_TEST = 'https://acme.app.n8n.cloud/webhook-test/orders';
  const N8N_RESUME = 'https://acme.app.n8n.cloud/webhook-waiting/5?signature=0a1b';

  it.each([
    ['n8n before it is published', 404, N8N, 'n8n answers 404 until the workflow is published, '],
    ['an n8n test URL', 404, N8N_TEST, 'This is an n8n test URL: it works for 120 seconds after '],
    [
      'an execution that does not wait yet',
      409,
      N8N_RESUME,
      'n8n answers 409 until the execution stands at ',
    ],
    ['webhook.site', 500, 'https://webhook.site/0a1b', 'webhook.site is for looking at requests: '],
    ['a chat', 400, 'https://hooks.slack.com/services/T0/B0/abc', 'Slack takes its own message format only'],
  ])('%s', (_, status, url, words) => {
    expect(loggedWords(response(status), retry, url)).toMatch(new RegExp(`; ${NEXT} ${words}.*\\.$`));
  });

  it('after the last attempt too', () => {
    expect(loggedWords(response(404), { outcome: 'exhausted' }, N8N_TEST)).toMatch(
      /^Answered 404; that was the last attempt of the schedule\. This is an n8n test URL: /,
    );
  });

  it('but not where it took the callback, or answered nothing at all', () => {
    expect(loggedWords(response(200), { outcome: 'delivered' }, N8N_TEST)).toBe('Answered 200; delivered.');
    expect(loggedWords({ kind: 'timeout', afterMs: 15_000 }, retry, N8N)).toBe(
      `No answer within 15 s; ${NEXT}`,
    );
  });

  it('and an n8n execution that has finished already was resumed by an earlier attempt', () => {
    const finished = '{"code":409,"message":"The execution \\"5 has finished already."}';
    const logged = describeAttempt(response(409, finished), { outcome: 'delivered' }, attempt, N8N_RESUME);
    expect(logged).toMatchObject({ status: 409, outcome: 'delivered', nextAttemptAt: null });
    expect(logged.detail).toContain(
      `Answered 409 with ${JSON.stringify(finished)}; so the attempt whose answer was lost had arrived: delivered.`,
    );
  });
});

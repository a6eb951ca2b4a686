import { describe, expect, it } from 'vitest';

import { judge } from '../../src/domain/receiver.ts';
import type { ReceiverAnswer } from '../../src/domain/receiver.ts';

const NOW = Date.UTC(2026, 10, 22, 15);
const SECOND = 1_000;
const DAY = 86_400 * SECOND;
/** A receiver of somebody's own, and its first attempt. */
const first = { url: 'https://hooks.example.com/42', answerLost: false };

function response(status: number, retryAfter: string | null = null, excerpt = ''): ReceiverAnswer {
  return { kind: 'response', status, retryAfter, location: null, excerpt };
}

describe('a receiver has taken the callback', () => {
  it.each([200, 201, 202, 204, 299])('when it answers %d', (status) => {
    expect(judge(response(status), NOW, first)).toEqual({ kind: 'delivered' });
  });
});

it('a receiver that answers 410 wants no more of it', () => {
  expect(judge(response(410), NOW, first)).toEqual({ kind: 'stop' });
});

describe('it is asked again', () => {
  it.each([100, 199, 300, 301, 302, 307, 308, 400, 401, 403, 405, 408, 411, 422, 500, 502, 504, 599])(
    'by the schedule when it answers %d',
    (status) => {
      expect(judge(response(status, '60'), NOW, first)).toEqual({
        kind: 'again',
        mayNotListenYet: false,
        answerLost: status >= 500,
        notBefore: null,
      });
    },
  );

  it.each([404, 409])('quickly at first when it answers %d, for it may not be listening yet', (status) => {
    expect(judge(response(status), NOW, first)).toEqual({
      kind: 'again',
      mayNotListenYet: true,
      answerLost: false,
      notBefore: null,
    });
  });

  it.each([
    ['a timeout, which may have arrived', { kind: 'timeout', afterMs: 15_000 }, true],
    ['a failed handshake', { kind: 'tls', message: 'bad certificate' }, true],
    ['a broken connection, which may have arrived', { kind: 'connection', message: 'refused' }, true],
    ['an address that is not called', { kind: 'forbidden', message: 'private' }, false],
    ['a callback that could not be made', { kind: 'unsendable', message: 'its secrets do not open' }, false],
  ] as const)('by the schedule after %s', (_, answer, answerLost) => {
    expect(judge(answer, NOW, first)).toEqual({
      kind: 'again',
      mayNotListenYet: false,
      answerLost,
      notBefore: null,
    });
  });
});

describe('when a receiver answers 429 or 503, it says itself when to come back', () => {
  it.each([
    ['in seconds', '120', NOW + 120 * SECOND],
    ['in decimals, which are rounded up', '9.5', NOW + 10 * SECOND],
    ['in two lines, of which the longest counts', '9.5, 3', NOW + 10 * SECOND],
    ['in two lines, one of them a date', 'Sun, 22 Nov 2026 15:10:00 GMT, 30', NOW + 600 * SECOND],
    ['as a date', 'Sun, 22 Nov 2026 15:10:00 GMT', NOW + 600 * SECOND],
    ['as a date that is over', 'Sun, 22 Nov 2026 14:00:00 GMT', NOW],
    ['for longer than a day', '172800', NOW + DAY],
    ['for ever', '9'.repeat(30), NOW + DAY],
    ['in words that mean nothing', 'soon', null],
    ['not at all', null, null],
  ])('%s', (_, header, notBefore) => {
    for (const status of [429, 503]) {
      expect(judge(response(status, header), NOW, first)).toEqual({
        kind: 'again',
        mayNotListenYet: false,
        answerLost: status >= 500,
        notBefore,
      });
    }
  });
});

/** n8n's real words, to the byte: no quotation mark closes after the number. */
const FINISHED = '{"code":409,"message":"The execution \\"5 has finished already."}';
const FINISHED_WITH_STACK =
  '{"code":409,"message":"The execution \\"5 has finished already.",' +
  '"stacktrace":"Error: The execution \\"5 has finished already.\\n    at WaitingWebhooks.executeWebhook"}';
const RUNNING = '{"code":409,"message":"The execution \\"5\\" is running already."}';
const RESUME = 'https://acme.app.n8n.cloud/webhook-waiting/5?signature=0a1b';

describe('an n8n execution that has finished already', () => {
  const lost = { url: RESUME, answerLost: true };

  it.each([
    ['in its words', FINISHED],
    ['with a stack trace after them', FINISHED_WITH_STACK],
    ['cut off where the log ends', FINISHED_WITH_STACK.slice(0, 100)],
  ])('was resumed by the attempt whose answer was lost: %s', (_, excerpt) => {
    expect(judge(response(409, null, excerpt), NOW, lost)).toEqual({ kind: 'delivered' });
  });

  it.each([
    ['where no answer was lost: something else ended it', 409, FINISHED, { ...lost, answerLost: false }],
    ['where it is not finished but not waiting yet', 409, RUNNING, lost],
    ['where it gives no reason', 409, '', lost],
    ['where another status carries the words', 404, FINISHED, lost],
    ['at an address that is not a resume URL', 409, FINISHED, { ...first, answerLost: true }],
  ])('is asked again quickly %s', (_, status, excerpt, earlier) => {
    expect(judge(response(status, null, excerpt), NOW, earlier)).toEqual({
      kind: 'again',
      mayNotListenYet: true,
      answerLost: false,
      notBefore: null,
    });
  });
});

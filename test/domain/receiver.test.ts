import { describe, expect, it } from 'vitest';

import { judge } from '../../src/domain/receiver.ts';
import type { ReceiverAnswer } from '../../src/domain/receiver.ts';

const NOW = Date.UTC(2026, 10, 22, 15);
const SECOND = 1_000;
const DAY = 86_400 * SECOND;

function response(status: number, retryAfter: string | null = null): ReceiverAnswer {
  return { kind: 'response', status, retryAfter, location: null, excerpt: '' };
}

describe('a receiver has taken the callback', () => {
  it.each([200, 201, 202, 204, 299])('when it answers %d', (status) => {
    expect(judge(response(status), NOW)).toEqual({ kind: 'delivered' });
  });
});

it('a receiver that answers 410 wants no more of it', () => {
  expect(judge(response(410), NOW)).toEqual({ kind: 'stop' });
});

describe('it is asked again', () => {
  it.each([100, 199, 300, 301, 302, 307, 308, 400, 401, 403, 405, 408, 411, 422, 500, 502, 504, 599])(
    'by the schedule when it answers %d',
    (status) => {
      expect(judge(response(status, '60'), NOW)).toEqual({
        kind: 'again',
        mayNotListenYet: false,
        notBefore: null,
      });
    },
  );

  it.each([404, 409])('quickly at first when it answers %d, for it may not be listening yet', (status) => {
    expect(judge(response(status), NOW)).toEqual({ kind: 'again', mayNotListenYet: true, notBefore: null });
  });

  it.each([
    { kind: 'timeout', afterMs: 15_000 },
    { kind: 'tls', message: 'bad certificate' },
    { kind: 'connection', message: 'refused' },
    { kind: 'forbidden', message: 'private' },
    { kind: 'unsendable', message: 'its secrets do not open' },
  ] as const)('by the schedule after $kind', (answer) => {
    expect(judge(answer, NOW)).toEqual({ kind: 'again', mayNotListenYet: false, notBefore: null });
  });
});

describe('when a receiver answers 429 or 503, it says itself when to come back', () => {
  it.each([
    ['in seconds', '120', NOW + 120 * SECOND],
    ['as a date', 'Sun, 22 Nov 2026 15:10:00 GMT', NOW + 600 * SECOND],
    ['as a date that is over', 'Sun, 22 Nov 2026 14:00:00 GMT', NOW],
    ['for longer than a day', '172800', NOW + DAY],
    ['for ever', '9'.repeat(30), NOW + DAY],
    ['in words that mean nothing', 'soon', null],
    ['not at all', null, null],
  ])('%s', (_, header, notBefore) => {
    for (const status of [429, 503]) {
      expect(judge(response(status, header), NOW)).toEqual({
        kind: 'again',
        mayNotListenYet: false,
        notBefore,
      });
    }
  });
});

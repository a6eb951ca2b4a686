import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../../src/domain/base64.ts';
import { problemOfCallbackHeaders } from '../../src/domain/callback-headers.ts';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { parseWaitPreference } from '../../src/domain/prefer.ts';
import { recordEnvelope } from '../../src/domain/record.ts';
import { resultUrls } from '../../src/domain/result-urls.ts';
import { parseRetryAfter } from '../../src/domain/retry-after.ts';
import { readCreateAnswer, readRecordAnswer } from '../../src/upstream/answer.ts';
import { RecordEnvelope } from '../../src/http/drop-in.ts';
import { canceled, failed, queued, running, succeeded } from '../domain/sample-task.ts';
import { holdsForAll } from '../support/properties.ts';

const NOW = Date.UTC(2026, 10, 22, 15);
const LAST_INSTANT_MS = 8.64e15;
const text = fc.string({ unit: 'binary', maxLength: 200 });
const odd = fc.anything({ maxDepth: 3, withNullPrototype: false });

/** Nearly what upstream sends, with anything in its places. */
const record = fc.record(
  {
    taskId: fc.oneof(fc.constantFrom('task_9', null), odd),
    state: fc.oneof(fc.constantFrom('success', 'fail', 'waiting', 'SUCCESS', 'Fail'), odd),
    resultJson: fc.oneof(fc.json(), fc.webUrl(), text, odd),
    failCode: fc.oneof(text, fc.double(), odd),
    failMsg: fc.oneof(fc.string({ unit: 'binary', maxLength: 9_000 }), odd),
    costTime: fc.oneof(fc.integer(), fc.double(), odd),
    completeTime: fc.oneof(fc.maxSafeInteger(), fc.double(), odd),
    retryAfter: fc.oneof(fc.integer(), fc.double(), odd),
  },
  { requiredKeys: [] },
);
const envelope = fc.record(
  {
    code: fc.oneof(fc.constantFrom(200, 400, 401, 402, 404, 409, 422, 429, 500), fc.integer(), odd),
    msg: fc.oneof(text, odd),
    data: fc.oneof({ weight: 4, arbitrary: record }, { weight: 1, arbitrary: odd }),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(envelope.map(asJson), fc.json(), text);
const raw = fc.record({ status: fc.integer({ min: 100, max: 599 }), body });

/** JSON drops what it does not know; a bigint, which it refuses, becomes text. */
function asJson(value: unknown): string {
  return JSON.stringify(value, (_key, node: unknown) => (typeof node === 'bigint' ? `${node}` : node)) ?? '';
}

describe("whatever upstream answers to createTask, it's read as one of eight answers", () => {
  it('and never throws, nor passes on what is too long', () => {
    holdsForAll(raw, (answer) => {
      const read = readCreateAnswer(answer);
      if (read.kind === 'created') expect(read.upstreamTaskId.length).toBeLessThanOrEqual(200);
      else {
        expect(read.message.length).toBeLessThanOrEqual(500);
        expect(read.message.isWellFormed()).toBe(true);
      }
      if (read.kind === 'limited') {
        expect(read.retryAfterMs).toBeGreaterThan(0);
        expect(read.retryAfterMs).toBeLessThanOrEqual(3_600_000);
      }
    });
  });
});

describe('whatever upstream answers to recordInfo', () => {
  it('never throws, and ends a task only by words that mean success or failure', () => {
    holdsForAll(raw, (answer) => {
      const read = readRecordAnswer(answer, 'task_9');
      if (read.kind !== 'ended') return;
      const { end } = read;
      const sent: { data: { state: string } } = JSON.parse(answer.body);
      expect(sent.data.state).toMatch(end.state === 'succeeded' ? /^success$/i : /^fail$/i);
      if (end.state === 'succeeded') expect(resultUrls(end.resultJson)).not.toEqual([]);
      for (const time of [end.costTimeMs, end.completedAt]) {
        if (time !== null) expect(Number.isInteger(time) && time >= 0 && time <= LAST_INSTANT_MS).toBe(true);
      }
      if (end.state === 'failed') {
        expect(end.failMessage?.length ?? 0).toBeLessThanOrEqual(4_000);
        expect((end.failMessage ?? '').isWellFormed()).toBe(true);
      }
    });
  });

  it('has result URLs that are http(s), and few enough for one row', () => {
    holdsForAll(fc.oneof(fc.json(), text, fc.webUrl(), fc.array(fc.webUrl()).map(asJson)), (document) => {
      const urls = resultUrls(document);
      expect(urls.every((url) => /^https?:\/\/\S+$/i.test(url))).toBe(true);
      expect(urls.join('').length).toBeLessThanOrEqual(30_000);
    });
  });
});

describe('Retry-After', () => {
  it('is an instant from now on, or nothing, whatever stands there', () => {
    holdsForAll(
      fc.oneof(
        text,
        fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      ),
      (header) => {
        const at = parseRetryAfter(header, NOW);
        if (at !== null) expect(at >= NOW && at <= LAST_INSTANT_MS).toBe(true);
      },
    );
  });

  it('is read as it was written: in seconds, or as a date', () => {
    holdsForAll(fc.nat(), (seconds) => {
      expect(parseRetryAfter(String(seconds), NOW)).toBe(NOW + seconds * 1_000);
      const at = NOW + (seconds % 1e8) * 1_000;
      expect(parseRetryAfter(new Date(at).toUTCString(), NOW)).toBe(at);
    });
  });
});

describe('Prefer', () => {
  it('is a whole number of seconds, or nothing, whatever stands there', () => {
    holdsForAll(
      fc.oneof(
        text,
        text.map((rest) => `wait=${rest}`),
      ),
      (header) => {
        const wait = parseWaitPreference(header);
        if (wait !== null) expect(Number.isSafeInteger(wait) && wait >= 0).toBe(true);
      },
    );
  });

  it('is found among other preferences', () => {
    const other = fc.constantFrom(
      'respond-async',
      'return=minimal',
      'handling="strict, or wait=9"',
      'x=1;wait=9',
    );
    holdsForAll(fc.tuple(fc.array(other), fc.nat(), fc.array(other)), ([before, seconds, after]) => {
      expect(parseWaitPreference([...before, `wait=${seconds}`, ...after].join(', '))).toBe(seconds);
    });
  });
});

describe('callback headers that are let through', () => {
  const name = fc.oneof(fc.constantFrom('X-Api-Key', 'webhook-id', 'Host', 'cf-ray', '__proto__'), text);
  const value = fc.oneof(fc.string(), text, fc.constantFrom('a\r\nb: c', ' x', '\u0000'));

  it('can be sent, come through unchanged, and are none of Ringback’s own', () => {
    holdsForAll(fc.array(fc.tuple(name, value), { maxLength: 12 }).map(Object.fromEntries), (given) => {
      if (problemOfCallbackHeaders(given) !== null) return;
      const headers = new Headers(given);
      for (const [key, sent] of Object.entries<string>(given)) {
        expect(headers.get(key)).toBe(sent);
        expect(key).not.toMatch(/^(webhook-|cf-|host$|content-length$|cookie$)/i);
      }
    });
  });
});

describe('the drop-in record', () => {
  it('is one, whatever task it is of', () => {
    const made = fc.constantFrom(queued, running, succeeded, failed, canceled);
    const content = { input: fc.dictionary(text, fc.jsonValue()), model: text };
    holdsForAll(fc.tuple(made, fc.record(content)), ([make, changes]) => {
      const task =
        make === queued ? queued(1, changes) : make === running ? running(changes) : succeeded(changes);
      const envelopeOfTask = recordEnvelope(task);
      expect(RecordEnvelope.safeParse(envelopeOfTask).error).toBeUndefined();
      expect(JSON.parse(envelopeOfTask.data.param)).toEqual(
        JSON.parse(JSON.stringify({ model: task.model, input: task.input })),
      );
    });
  });
});

describe('encodings', () => {
  it('give back what was put in', () => {
    holdsForAll(fc.uint8Array(), (bytes) => {
      expect(fromBase64(toBase64(bytes))).toEqual(Uint8Array.from(bytes));
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(Uint8Array.from(bytes));
    });
  });

  it('have one text for equal JSON, in whatever order its keys come', () => {
    holdsForAll(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    });
  });
});

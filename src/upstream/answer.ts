import { keptResult, resultIn } from './result.ts';
import { fieldsOf, intervalMs, readEnvelope, retryAfterMs } from './envelope.ts';
import type { RawAnswer } from './envelope.ts';
import type { CreateAnswer, RecordAnswer } from '../domain/upstream.ts';
import { codeOf, firstSaid, messageIn, shortened, wordsOf } from './words.ts';

/* Upstream's answers are parsed as hostile: whatever is not an envelope of its shape is "unavailable". */

const MAX_ID_LENGTH = 200;
const MAX_FAIL_MESSAGE_LENGTH = 4_000;
const MAX_CODE_LENGTH = 200;
const LAST_INSTANT_MS = 8.64e15;

/** Words for an end, of upstream and its sisters. What is not here means: still running. */
const SUCCESS = 'success';
const FAILURES: ReadonlySet<string> = new Set(['fail', 'failed', 'failure']);
/** These may be the end of a step too: only with a link, or with words of failure, are they the end of the task. */
const SUCCESSES: ReadonlySet<string> = new Set([
  'succeeded',
  'succeed',
  'successful',
  'completed',
  'complete',
  'done',
  'finished',
]);
const ERRORS: ReadonlySet<string> = new Set(['error', 'errored', 'rejected', 'aborted', 'expired']);

const CODE_NAMES = ['failCode', 'fail_code', 'errorCode', 'error_code'];
const MESSAGE_NAMES = [
  'failMsg',
  'fail_msg',
  'failMessage',
  'failReason',
  'errorMessage',
  'error_message',
  'errorMsg',
  'error',
];

type Fields = Readonly<Record<string, unknown>>;

/** Reads an answer to createTask. Never throws. */
export function readCreateAnswer(raw: RawAnswer): CreateAnswer {
  const envelope = readEnvelope(raw);
  if (envelope === null) return unavailable(raw);
  const { code, message, data } = envelope;
  switch (code) {
    case 200: {
      const upstreamTaskId = idIn(data, raw.body);
      return upstreamTaskId === null ? unavailable(raw) : { kind: 'created', upstreamTaskId };
    }
    case 400:
    case 422:
      return { kind: 'invalid', code, message };
    case 401:
      return { kind: 'unauthorized', message };
    case 402:
      return { kind: 'no-credits', message };
    case 409:
      return { kind: 'full', message };
    case 429:
      return { kind: 'limited', retryAfterMs: retryAfterMs(data, raw), message };
    default:
      return code >= 400 && code < 500
        ? { kind: 'refused', code, message }
        : { kind: 'unavailable', message };
  }
}

/**
 * Reads an answer to recordInfo about this task of upstream. Never throws. An answer about another task is none: it would
 * hand one client's video to another.
 */
export function readRecordAnswer(raw: RawAnswer, upstreamTaskId: string): RecordAnswer {
  const envelope = readEnvelope(raw);
  if (envelope === null) return unavailable(raw);
  const { code, message, data } = envelope;
  if (code === 200) return readRecord(fieldsOf(data), upstreamTaskId) ?? unavailable(raw);
  if (code === 404) return { kind: 'missing' };
  if (code === 429)
    return { kind: 'limited', retryAfterMs: retryAfterMs(data, raw), intervalMs: intervalMs(data), message };
  return code >= 400 && code < 500
    ? { kind: 'refused', message, isUnauthorized: code === 401 }
    : { kind: 'unavailable', message };
}

/** Null for what is no record. */
function readRecord(record: Fields | null, upstreamTaskId: string): RecordAnswer | null {
  const said = record?.['state'] ?? record?.['status'];
  if (record === null || typeof said !== 'string') return null;
  if (!isAbout(record, upstreamTaskId))
    return { kind: 'unavailable', message: 'upstream answered about another task than it was asked for' };
  const state = said.trim().toLowerCase();
  const isSuccess = state === SUCCESS || SUCCESSES.has(state);
  const isFailure = FAILURES.has(state) || ERRORS.has(state);
  if (!isSuccess && !isFailure) return { kind: 'running' };
  const times = { costTimeMs: timeOf(record['costTime']), completedAt: timeOf(record['completeTime']) };
  const result = resultIn(record);
  if (isSuccess) {
    const resultJson = keptResult(result);
    if (resultJson !== null) return { kind: 'ended', end: { state: 'succeeded', resultJson, ...times } };
    return state === SUCCESS ? { kind: 'unlinked', ...wordsIn(record, result) } : { kind: 'running' };
  }
  const words = wordsIn(record, result);
  return FAILURES.has(state) || (words.failCode ?? words.failMessage) !== null
    ? { kind: 'ended', end: { state: 'failed', ...words, ...times } }
    : { kind: 'running' };
}

/** Its code and its words; where it has none, those in its result. */
function wordsIn(record: Fields, result: unknown): { failCode: string | null; failMessage: string | null } {
  const code = firstSaid(record, CODE_NAMES, codeOf);
  const message = firstSaid(record, MESSAGE_NAMES, wordsOf) ?? messageIn(result);
  return {
    failCode: code && shortened(code, MAX_CODE_LENGTH),
    failMessage: message && shortened(message, MAX_FAIL_MESSAGE_LENGTH),
  };
}

/** A record that names no task is about the one that was asked for. */
function isAbout(record: Fields, upstreamTaskId: string): boolean {
  const said = record['taskId'] ?? record['task_id'] ?? '';
  if (said === '') return true;
  // A number beyond what JSON's numbers hold was rounded when it was read.
  if (typeof said === 'number') return Number(upstreamTaskId) === said;
  return typeof said === 'string' && said.trim() === upstreamTaskId;
}

/**
 * The id of a new task, also as a number or under `task_id`. Not what else is called an id: that may be of the request, and
 * recordInfo would be asked about somebody else's task.
 */
function idIn(data: unknown, body: string): string | null {
  const fields = fieldsOf(data);
  const said = fields?.['taskId'] ?? fields?.['task_id'];
  const id = typeof said === 'number' ? digitsOf(said, body) : said;
  if (typeof id !== 'string') return null;
  const trimmed = id.trim();
  return trimmed !== '' && trimmed.length <= MAX_ID_LENGTH ? trimmed : null;
}

/** A whole number as it was written: beyond 2^53 what was read is another. */
function digitsOf(id: number, body: string): string | null {
  if (Number.isSafeInteger(id)) return String(id);
  return /"task_?id\\*"\s*:\s*(\d+)\s*[,}]/i.exec(body)?.[1] ?? null;
}

/** Whole ms; null for what no date can hold. */
function timeOf(value: unknown): number | null {
  const isTime =
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LAST_INSTANT_MS;
  return isTime ? value : null;
}

function unavailable(raw: RawAnswer): { kind: 'unavailable'; message: string } {
  return {
    kind: 'unavailable',
    message: `upstream answered ${raw.status} with a body that is not its envelope`,
  };
}

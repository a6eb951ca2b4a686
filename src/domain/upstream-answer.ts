import { z } from 'zod';
import { resultUrls } from './result-urls.ts';
import type { CreateAnswer, RecordAnswer, UpstreamEnd } from './upstream.ts';

/** Upstream's answers are parsed as hostile: whatever is not an envelope of this shape is "unavailable". */
const Envelope = z.object({ code: z.int(), msg: z.string().catch(''), data: z.unknown() });
const Created = z.object({ taskId: z.string().min(1).max(200) });
const Limited = z.object({ retryAfter: z.number().positive() });
const Window = z.object({ limit: z.number().positive(), windowSeconds: z.number().positive() });
const Time = z.number().int().nonnegative().max(8.64e15).nullish().catch(null);
const TaskRecord = z.object({
  state: z.string(),
  // Documented as a JSON string; an object is what some sister services send.
  resultJson: z
    .union([
      z.string(),
      z.looseObject({}).transform((value) => JSON.stringify(value)),
      z.array(z.unknown()).transform((value) => JSON.stringify(value)),
    ])
    .nullish()
    .catch(null),
  failCode: z
    .union([z.string(), z.number().transform(String)])
    .nullish()
    .catch(null),
  failMsg: z.string().nullish().catch(null),
  costTime: Time,
  completeTime: Time,
});

const DEFAULT_RETRY_AFTER_MS = 5_000;
/** An upstream that says "in a millisecond" each time must not use up a tick's whole budget. */
const MIN_RETRY_AFTER_MS = 200;
const MAX_RETRY_AFTER_MS = 3_600_000;
const MAX_INTERVAL_MS = 60_000;
const MAX_MESSAGE_LENGTH = 500;
const MAX_FAIL_MESSAGE_LENGTH = 4_000;
/** D1 takes 2 MB in one value, and several results are written in one. */
const MAX_RESULT_LENGTH = 32_000;
const MAX_CODE_LENGTH = 200;

/** An HTTP answer of upstream, read whole. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** Reads an answer to createTask. Never throws. */
export function readCreateAnswer(raw: RawAnswer): CreateAnswer {
  const envelope = readEnvelope(raw);
  if (envelope === null) return unavailable(raw);
  const message = sentence(envelope.msg, envelope.code);
  switch (envelope.code) {
    case 200: {
      const created = Created.safeParse(envelope.data);
      return created.success ? { kind: 'created', upstreamTaskId: created.data.taskId } : unavailable(raw);
    }
    case 400:
    case 422:
      return { kind: 'invalid', code: envelope.code, message };
    case 401:
      return { kind: 'unauthorized', message };
    case 402:
      return { kind: 'no-credits', message };
    case 409:
      return { kind: 'full', message };
    case 429:
      return { kind: 'limited', retryAfterMs: retryAfterMs(envelope.data), message };
    default:
      return envelope.code >= 400 && envelope.code < 500
        ? { kind: 'refused', code: envelope.code, message }
        : { kind: 'unavailable', message };
  }
}

/** Reads an answer to recordInfo. Never throws. */
export function readRecordAnswer(raw: RawAnswer): RecordAnswer {
  const envelope = readEnvelope(raw);
  if (envelope === null) return unavailable(raw);
  const message = sentence(envelope.msg, envelope.code);
  if (envelope.code === 200) {
    const record = TaskRecord.safeParse(envelope.data);
    return record.success ? readRecord(record.data) : unavailable(raw);
  }
  if (envelope.code === 404) return { kind: 'missing' };
  if (envelope.code === 429) {
    const { data } = envelope;
    return { kind: 'limited', retryAfterMs: retryAfterMs(data), intervalMs: intervalMs(data), message };
  }
  return envelope.code >= 400 && envelope.code < 500
    ? { kind: 'refused', message }
    : { kind: 'unavailable', message };
}

function readRecord(record: z.infer<typeof TaskRecord>): RecordAnswer {
  const times = { costTimeMs: record.costTime ?? null, completedAt: record.completeTime ?? null };
  let end: UpstreamEnd;
  if (record.state === 'success') {
    end = { state: 'succeeded', resultJson: bounded(record.resultJson ?? null), ...times };
  } else if (record.state === 'fail') {
    end = {
      state: 'failed',
      failCode: record.failCode?.slice(0, MAX_CODE_LENGTH) ?? null,
      failMessage: record.failMsg?.slice(0, MAX_FAIL_MESSAGE_LENGTH).toWellFormed() ?? null,
      ...times,
    };
  } else {
    return { kind: 'running' };
  }
  return { kind: 'ended', end };
}

/** A result that is too long to keep is reduced to what matters of it: its URLs. */
function bounded(resultJson: string | null): string | null {
  if (resultJson === null || resultJson.length <= MAX_RESULT_LENGTH) return resultJson;
  return JSON.stringify({ resultUrls: resultUrls(resultJson) });
}

function readEnvelope(raw: RawAnswer): z.infer<typeof Envelope> | null {
  try {
    const parsed = Envelope.safeParse(JSON.parse(raw.body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function unavailable(raw: RawAnswer): { kind: 'unavailable'; message: string } {
  return {
    kind: 'unavailable',
    message: `upstream answered ${raw.status} with a body that is not its envelope`,
  };
}

function sentence(msg: string, code: number): string {
  return msg === '' ? `upstream answered ${code}` : msg.slice(0, MAX_MESSAGE_LENGTH).toWellFormed();
}

function retryAfterMs(data: unknown): number {
  const limited = Limited.safeParse(data);
  if (!limited.success) return DEFAULT_RETRY_AFTER_MS;
  const askedMs = Math.ceil(limited.data.retryAfter * 1_000);
  return Math.min(Math.max(askedMs, MIN_RETRY_AFTER_MS), MAX_RETRY_AFTER_MS);
}

/** How far apart requests have to be to stay within the window that upstream named. */
function intervalMs(data: unknown): number | null {
  const window = Window.safeParse(data);
  if (!window.success) return null;
  return Math.min(Math.ceil((window.data.windowSeconds * 1_000) / window.data.limit), MAX_INTERVAL_MS);
}

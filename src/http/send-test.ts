import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { SealError } from '../sealing/secrets.ts';
import type { FlatBody, OutcomeFields } from '../domain/callback-body.ts';
import { isoTime } from '../domain/clock.ts';
import { eventIdOf } from '../domain/events/event.ts';
import { formatted } from '../domain/formats/format.ts';
import { taskId, webhookId } from '../domain/ids.ts';
import type { ReceiverAnswer } from '../domain/receiver.ts';
import { preflight } from '../domain/receivers/advice.ts';
import type { Format, Sender } from '../domain/subscription.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import type { Services } from './services.ts';
import { callbackPolicy, hostOf } from './task-request.ts';

/** What came of a test. */
export const TestResult = z
  .object({
    ok: z.boolean(),
    status: z.int().nullable(),
    duration_ms: z.int(),
    problem: z
      .enum([
        'forbidden_address',
        'redirect',
        'timeout',
        'connection',
        'tls',
        'not_found',
        'unauthorized',
        'method',
        'rate_limited',
        'server_error',
        'rejected',
      ])
      .nullable(),
    advice: z.string().nullable().openapi({ description: 'What it means and what to change.' }),
  })
  .openapi('CallbackTestResult');

/** Where a test goes, and how it is written. */
export interface TestTarget {
  readonly url: string;
  /** Rejects with `SealError` where they are kept sealed, and do not open. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly format: Format;
}

/** Sends one signed `callback.test` now, and says what to make of the answer. Nothing follows from it. */
export async function sendTest(
  c: Context,
  services: Services,
  sender: Sender,
  { url, headers, format }: TestTarget,
): Promise<z.infer<typeof TestResult>> {
  const { clock, randomBytes, sendSigned } = services;
  const policy = callbackPolicy(c, services.config);
  const verdict = judgeCallbackUrl(url, policy);
  const startedAt = clock.now();
  const id = taskId(startedAt, randomBytes(16));
  const body = formatted(format, sampleBody(id, startedAt), SAMPLE_PROMPT);
  const message = { id: webhookId(id), subject: id, url, body, ownHosts: [hostOf(c)] };
  const send = async () => await sendSigned(sender, { ...message, headers: await headers() });
  const answer = verdict.ok
    ? await send().catch(asUnsendable)
    : ({ kind: 'forbidden', message: verdict.problem } as const);
  const { ok, status, problem, advice } = preflight(answer, url, policy);
  return { ok, status, duration_ms: clock.now() - startedAt, problem, advice };
}

function asUnsendable(error: unknown): ReceiverAnswer {
  if (!(error instanceof SealError)) throw error;
  return {
    kind: 'unsendable',
    message: 'its secrets do not open with the MASTER_KEY that is configured now',
  };
}

/** Of which a sentence for a chat is made. */
export const SAMPLE_PROMPT = 'A fox crosses a frozen lake at dawn';

/** What a callback looks like: the same keys, with a result that is plainly a sample. */
export function sampleBody(id: string, now: number): FlatBody {
  const time = isoTime(now);
  const url = 'https://example.com/sample-result.mp4';
  return {
    type: 'callback.test',
    event_id: eventIdOf(id, 'ended'),
    timestamp: time,
    id,
    model: 'seedance-2.0-reference-to-video',
    state: 'succeeded',
    result_url: url,
    result_urls: [url],
    source_urls: [url],
    error_code: null,
    error_message: null,
    metadata: {},
    estimated_credits: 0,
    created_at: time,
    submitted_at: time,
    completed_at: time,
    duration_ms: 0,
  } satisfies Record<
    'type' | 'event_id' | 'timestamp' | 'id' | 'model' | 'state' | keyof OutcomeFields,
    unknown
  >;
}

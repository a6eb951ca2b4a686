import { createRoute, z } from '@hono/zod-openapi';
import { SealError } from '../sealing/secrets.ts';
import { isoTime } from '../domain/clock.ts';
import { problemOfCallbackHeaders } from '../domain/callback-headers.ts';
import type { OutcomeFields } from '../domain/callback-body.ts';
import { taskId, webhookId } from '../domain/ids.ts';
import type { ReceiverAnswer } from '../domain/receiver.ts';
import { preflight } from '../domain/receivers/advice.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import { BODY_PROBLEMS, clientKey, json, jsonRequest, problems } from './contract.ts';
import { invalid } from './problem.ts';
import type { App, Services } from './services.ts';
import { callbackPolicy, hostOf } from './task-request.ts';
import { jsonBody } from './validation.ts';

const TestBody = z
  .strictObject({
    url: z.string('must be a URL'),
    headers: z.record(z.string(), z.string('must be text')).nullish(),
  })
  .openapi('CallbackTest', { example: { url: 'https://hooks.example.com/ringback' } });

const TestResult = z
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

const test = createRoute({
  method: 'post',
  path: '/v1/callbacks/test',
  tags: ['Callbacks'],
  security: clientKey,
  operationId: 'testCallback',
  summary: 'Send one signed test callback now',
  description:
    'A `callback.test` with the fields of a real callback, so that a no-code tool can learn them from it.',
  middleware: [jsonBody] as const,
  request: jsonRequest(TestBody),
  responses: {
    200: json(TestResult, 'What the receiver said, and what to make of it'),
    ...problems(...BODY_PROBLEMS, 401, 429),
  },
});

/** The preflight: does my hook hear Ringback? */
export function registerCallbackTest(app: App, services: Services): void {
  app.openapi(test, async (c) => {
    const { url, headers: given } = c.req.valid('json');
    const headers = given ?? {};
    const policy = callbackPolicy(c, services.config);
    const verdict = judgeCallbackUrl(url, policy);
    if (!verdict.ok && verdict.reason === 'not_a_url')
      throw invalid([{ path: 'url', message: verdict.problem }]);
    const badHeader = problemOfCallbackHeaders(headers);
    if (badHeader !== null)
      throw invalid([{ path: `headers.${badHeader.name}`, message: badHeader.problem }]);

    const { clock, randomBytes, sendSigned } = services;
    const startedAt = clock.now();
    const id = taskId(startedAt, randomBytes(16));
    const message = { id: webhookId(id), subject: id, url, headers, ownHosts: [hostOf(c)] };
    const answer = verdict.ok
      ? await sendSigned(c.get('client'), { ...message, body: sampleBody(id, startedAt) }).catch(asUnsendable)
      : ({ kind: 'forbidden', message: verdict.problem } as const);
    const { ok, status, problem, advice } = preflight(answer, url, policy);
    return c.json({ ok, status, duration_ms: clock.now() - startedAt, problem, advice }, 200);
  });
}

function asUnsendable(error: unknown): ReceiverAnswer {
  if (!(error instanceof SealError)) throw error;
  return {
    kind: 'unsendable',
    message: 'its secrets do not open with the MASTER_KEY that is configured now',
  };
}

/** What a callback looks like: the same keys, with a result that is plainly a sample. */
function sampleBody(id: string, now: number): string {
  const time = isoTime(now);
  const url = 'https://example.com/sample-result.mp4';
  return JSON.stringify({
    type: 'callback.test',
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
  } satisfies Record<'type' | 'timestamp' | 'id' | 'model' | 'state' | keyof OutcomeFields, unknown>);
}

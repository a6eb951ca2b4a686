import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { problemOfCallbackHeaders } from '../domain/callback-headers.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import { BODY_PROBLEMS, clientKey, json, jsonRequest, problems } from './contract.ts';
import { refuseWithAll } from './all-faults.ts';
import type { AnyBody } from './all-faults.ts';
import { invalid } from './problem.ts';
import type { FieldError } from './problem.ts';
import type { App, Services } from './services.ts';
import { sendTest, TestResult } from './send-test.ts';
import { callbackPolicy } from './task-request.ts';
import { jsonBody } from './validation.ts';

const TestBody = z
  .strictObject({
    url: z.string('must be a URL'),
    headers: z.record(z.string(), z.string('must be text')).nullish(),
  })
  .openapi('CallbackTest', { example: { url: 'https://hooks.example.com/ringback' } });

const Headers = z.record(z.string(), z.string()).catch({});

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
  const faultsOf = (c: Context, { url, headers }: AnyBody): FieldError[] => {
    const verdict =
      typeof url === 'string' ? judgeCallbackUrl(url, callbackPolicy(c, services.config)) : null;
    const header = problemOfCallbackHeaders(Headers.parse(headers));
    return [
      // Any other URL is tried, and the answer says why it would not be called.
      ...(verdict !== null && !verdict.ok && verdict.reason === 'not_a_url'
        ? [{ path: 'url', message: verdict.problem }]
        : []),
      ...(header === null ? [] : [{ path: `headers.${header.name}`, message: header.problem }]),
    ];
  };
  const refuse = refuseWithAll(faultsOf);
  app.openapi(
    test,
    async (c) => {
      const { url, headers: given } = c.req.valid('json');
      const headers = given ?? {};
      const errors = faultsOf(c, { url, headers });
      if (errors.length > 0) throw invalid(errors);
      const target = { url, headers: async () => await Promise.resolve(headers), format: 'json' } as const;
      return c.json(await sendTest(c, services, c.get('client'), target), 200);
    },
    refuse,
  );
}

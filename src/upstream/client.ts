import type { Clock } from '../domain/clock.ts';
import { redact } from '../domain/redact.ts';
import { readCreateAnswer, readRecordAnswer } from './answer.ts';
import { headerMs } from './envelope.ts';
import type { RawAnswer } from './envelope.ts';
import type { CreateRequest, Upstream } from '../domain/upstream.ts';
import { UPSTREAM_TIMEOUT_MS } from '../domain/schedule/plan.ts';
import { readAtMost } from '../fetching/body.ts';
import { TimeoutError, withTimeout } from '../fetching/timeout.ts';

/** An envelope is a few KiB, and a long result half a MiB, which is more within JSON; anything near this is no envelope. */
const MAX_ANSWER_BYTES = 2_097_152;

export interface UpstreamOptions {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** The upstream API over HTTP. Each call is one fetch, bounded in time and size; no call rejects. */
export function createUpstream({ baseUrl, fetch, clock }: UpstreamOptions): Upstream {
  const ask = async (path: string, init: RequestInit): Promise<RawAnswer> =>
    await withTimeout(clock, UPSTREAM_TIMEOUT_MS, async (signal) => {
      // A redirect is no envelope: to follow it would hand the key to another host.
      const response = await fetch(`${baseUrl}${path}`, { ...init, redirect: 'manual', signal });
      const { text, truncated } = await readAtMost(response.body, MAX_ANSWER_BYTES);
      const retryAfterMs = headerMs(response.headers.get('retry-after'), clock.now());
      return { status: response.status, body: truncated ? '' : text, retryAfterMs };
    });

  return {
    create: async ({ apiKey, requestId, model, input }: CreateRequest) => {
      try {
        const answer = await ask('/api/v1/jobs/createTask', {
          method: 'POST',
          headers: {
            ...authorization(apiKey),
            'content-type': 'application/json',
            'x-request-id': requestId,
          },
          body: JSON.stringify({ model, input }),
        });
        return readCreateAnswer({ ...answer, body: withoutKey(answer.body, apiKey) });
      } catch (error) {
        return { kind: 'unavailable', message: whyUnavailable(error) };
      }
    },

    record: async (apiKey, upstreamTaskId) => {
      try {
        const path = `/api/v1/jobs/recordInfo?taskId=${encodeURIComponent(upstreamTaskId)}`;
        const answer = await ask(path, { headers: authorization(apiKey) });
        const read = readRecordAnswer(answer, upstreamTaskId);
        // Most say only that it runs: there is nothing in it that could hold a key.
        if (read.kind === 'running') return read;
        return readRecordAnswer({ ...answer, body: withoutKey(answer.body, apiKey) }, upstreamTaskId);
      } catch (error) {
        return { kind: 'unavailable', message: whyUnavailable(error) };
      }
    },
  };
}

/** A key is no word: it is cut out of longer ones too. */
function withoutKey(body: string, apiKey: string): string {
  return redact(body, [apiKey], { withinWords: true });
}

function authorization(apiKey: string): { authorization: string } {
  return { authorization: `Bearer ${apiKey}` };
}

/** In our own words: an exception's text may hold addresses of the inside. */
function whyUnavailable(error: unknown): string {
  return error instanceof TimeoutError
    ? `upstream did not answer within ${UPSTREAM_TIMEOUT_MS / 1_000} s`
    : 'upstream could not be reached';
}

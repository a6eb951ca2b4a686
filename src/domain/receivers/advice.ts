import type { ReceiverAnswer } from '../receiver.ts';
import type { UrlPolicy } from '../url-policy.ts';
import { genericAdvice, whatItSaid } from './generic-advice.ts';
import { N8N_RESUME } from './n8n.ts';
import { answersAlreadyFinished, profileOf } from './profile.ts';
import { IFTTT_VALUES } from './profiles.ts';
import { FAILURE_WORDS, saysFailure } from './success-words.ts';
import { TOOL_WORDS } from './tool-words.ts';
import type { PreflightProblem } from './tool-words.ts';

export type { PreflightProblem } from './tool-words.ts';

export interface Preflight {
  readonly ok: boolean;
  readonly status: number | null;
  readonly problem: PreflightProblem | null;
  /** What it means and what to change, for somebody who has no server; null where there is nothing to say. */
  readonly advice: string | null;
}

type Response = Extract<ReceiverAnswer, { kind: 'response' }>;

/** These words in a 404 of n8n: it knows the path, but not for POST. */
const N8N_OTHER_METHOD = /is not registered for POST/i;
/** Statuses that Cloudflare itself answers with, when a Worker's fetch did not get through to the host. */
const CLOUDFLARE_NO_CONNECTION: ReadonlySet<number> = new Set([521, 522, 523, 530]);
const CLOUDFLARE_NO_TLS: ReadonlySet<number> = new Set([525, 526]);

/** Tools that answer 200 whatever comes of it: their quirk says what to look out for. */
const QUIRKY_SUCCESSES: ReadonlySet<string> = new Set(['Zapier', IFTTT_VALUES]);
const STRICT: UrlPolicy = { allowPrivate: false, ownHosts: [] };

/**
 * What a test callback to `url` came upon, and what its owner can do.
 *
 * @param policy which addresses Ringback calls: advice names no other.
 */
export function preflight(answer: ReceiverAnswer, url: string, policy: UrlPolicy = STRICT): Preflight {
  const status = answer.kind === 'response' ? answer.status : null;
  const problem = problemOf(answer, url);
  if (problem === null) return { ok: true, status, problem, advice: adviceOnSuccess(answer, url) };
  return { ok: false, status, problem, advice: adviceOn(problem, answer, url, policy) };
}

function problemOf(answer: ReceiverAnswer, url: string): PreflightProblem | null {
  switch (answer.kind) {
    case 'response':
      return problemOfResponse(answer, url);
    case 'forbidden':
      return 'forbidden_address';
    // The list has no word of its own for it; what is true is that nothing got through.
    case 'unsendable':
    case 'unresolved':
      return 'connection';
    case 'timeout':
    case 'tls':
    case 'connection':
      return answer.kind;
  }
}

function problemOfResponse({ status, excerpt }: Response, url: string): PreflightProblem | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return 'redirect';
  switch (status) {
    case 401:
    case 403:
      return 'unauthorized';
    case 404:
      return N8N_OTHER_METHOD.test(excerpt) ? 'method' : 'not_found';
    case 405:
      return 'method';
    case 408:
      return 'timeout';
    case 409:
      return profileOf(url)?.name === N8N_RESUME ? 'not_found' : 'rejected';
    case 410:
      return 'not_found';
    case 429:
      return 'rate_limited';
    default:
      return status >= 500 && status < 600 ? problemOfServerError(status) : 'rejected';
  }
}

function problemOfServerError(status: number): PreflightProblem {
  if (CLOUDFLARE_NO_CONNECTION.has(status)) return 'connection';
  return CLOUDFLARE_NO_TLS.has(status) ? 'tls' : 'server_error';
}

function adviceOn(problem: PreflightProblem, answer: ReceiverAnswer, url: string, policy: UrlPolicy): string {
  const profile = profileOf(url);
  if (answer.kind === 'unsendable')
    return `Nothing was sent: ${answer.message}. Tell whoever runs this Ringback.`;
  if (answer.kind === 'response' && answer.status === 409 && profile?.name === N8N_RESUME) {
    return answersAlreadyFinished(url, answer.status, answer.excerpt)
      ? 'This n8n execution is over, so nothing waits here any more. Start the workflow again for a new address.'
      : 'The n8n execution does not wait yet. Test it while it stands at its Wait node; real callbacks are tried again.';
  }
  const own = profile === null ? undefined : TOOL_WORDS[profile.name]?.[problem];
  return own ?? genericAdvice(problem, answer, url, policy);
}

/** Where "it answered 200" is less than it seems. */
function adviceOnSuccess(answer: ReceiverAnswer, url: string): string | null {
  const profile = profileOf(url);
  if (answer.kind === 'response' && saysFailure(answer.excerpt, url))
    return [FAILURE_WORDS, whatItSaid(answer), profile?.quirk ?? ''].join(' ').trim();
  if (profile?.name === N8N_RESUME)
    return 'The test has resumed this n8n execution, and the address is used up. Start the workflow again for a new one.';
  if (profile !== null && QUIRKY_SUCCESSES.has(profile.name)) return profile.quirk;
  return profile?.oneOff ?? null;
}

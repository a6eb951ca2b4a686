import type { ReceiverAnswer } from '../receiver.ts';
import type { UrlPolicy } from '../url-policy.ts';
import { adviceOnRedirect } from './redirect-advice.ts';
import type { PreflightProblem } from './tool-words.ts';

/** What a receiver says is shown, but no more than fits beside the advice. */
const QUOTE_CHARACTERS = 120;

/** What the problem means for a receiver of which nothing more is known: one or two sentences. */
export function genericAdvice(
  problem: PreflightProblem,
  answer: ReceiverAnswer,
  url: string,
  policy: UrlPolicy,
): string {
  switch (problem) {
    case 'forbidden_address':
      return answer.kind === 'forbidden' ? answer.message : 'This address is not called; use another one.';
    case 'redirect':
      return answer.kind === 'response' ? adviceOnRedirect(answer, url, policy) : 'Use the final address.';
    case 'timeout':
      return adviceOnTimeout(answer);
    case 'connection':
      return 'The host could not be reached. Check its spelling, and that the receiver is running and open to the internet.';
    case 'tls':
      return 'The host has no valid certificate for https. Renew it, or use an address whose certificate browsers accept.';
    case 'not_found':
      return 'Nothing listens at this address. Turn the receiver on, and copy its address again, whole and unchanged.';
    case 'unauthorized':
      return 'The receiver asks for a key or a password. Send what it expects in callback_headers.';
    case 'method':
      return 'The receiver does not take POST at this address. Let it take POST, or use its address for webhooks.';
    case 'rate_limited':
      return 'The receiver has had too many requests. Wait a little; real callbacks are tried again by themselves.';
    case 'server_error':
      return `${whatItSaid(answer)} Look into the log of the receiver; real callbacks are tried again by themselves.`;
    case 'rejected':
      return `${whatItSaid(answer)} Let it take a JSON body with fields that it does not know.`;
  }
}

function adviceOnTimeout(answer: ReceiverAnswer): string {
  const late = answer.kind === 'timeout' ? ` within ${answer.afterMs / 1_000} s` : ' in time';
  return `No answer came${late}. Let the receiver answer first, and do its work afterwards.`;
}

/** Its status and the beginning of its words, as a sentence. */
export function whatItSaid(answer: ReceiverAnswer): string {
  if (answer.kind !== 'response') return 'The receiver did not take the callback.';
  const said = shortened(answer.excerpt.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim(), QUOTE_CHARACTERS);
  return `The receiver answered ${answer.status}${said === '' ? '' : ` with “${said}”`}.`;
}

function shortened(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters).toWellFormed()}…`;
}

import { targetOf, withoutUserInfo } from '../location.ts';
import type { ReceiverAnswer } from '../receiver.ts';
import { shown } from '../shown.ts';
import { judgeCallbackUrl } from '../url-policy.ts';
import type { UrlPolicy } from '../url-policy.ts';
import { APPS_SCRIPT, APPS_SCRIPT_WORDS, isAppsScriptEcho } from './own-code.ts';
import { profileOf } from './profile.ts';

/** A target is to be copied: what is longer is no use, and only shows that it is one. */
const TARGET_BYTES = 303;
const NOT_FOLLOWED = 'and redirects are not followed';
const SIGN_IN_HOST =
  /^(?:accounts\.google\.com|login\.microsoftonline\.com|login\.live\.com|login\.windows\.net|.+\.(?:cloudflareaccess\.com|okta\.com|auth0\.com|b2clogin\.com))$/;
const SIGN_IN_PATH = /(?:^|\/)(?:log-?in|sign-?in|sign_in|sso|wp-login\.php|auth|oauth2?|saml2?)(?:\/|$)/i;

type Response = Extract<ReceiverAnswer, { kind: 'response' }>;

/**
 * What to do about a receiver that redirects. Never names an address that Ringback would not call: who follows advice is
 * to get somewhere.
 */
export function adviceOnRedirect({ status, location }: Response, url: string, policy: UrlPolicy): string {
  if (location === null)
    return `The address redirects without saying where, ${NOT_FOLLOWED}. Use the final address.`;
  if (isAppsScript(location, url)) return APPS_SCRIPT_WORDS;
  const target = targetOf(location, url);
  if (target === null)
    return `The address redirects to what is no address, ${NOT_FOLLOWED}. Let the receiver answer at this address by itself.`;
  if (target.href.replace(/#.*$/, '') === new URL(url).href.replace(/#.*$/, ''))
    return (
      'The address redirects to itself, as receivers do that ask for a cookie or a sign-in first. ' +
      'Let it take callbacks without one.'
    );
  const bare = withoutUserInfo(target);
  const verdict = judgeCallbackUrl(bare.href, policy);
  if (!verdict.ok && verdict.reason === 'not_a_url')
    return `The address redirects to one that is too long to be called, ${NOT_FOLLOWED}. Use a shorter one.`;
  if (!verdict.ok) return adviceOnForbidden(bare, url, policy);
  const name = shown(bare.href, TARGET_BYTES);
  if (target.username !== '' || target.password !== '')
    return (
      `The address redirects to one with a user name or password in it, ${NOT_FOLLOWED}. Use ${name}, and send the ` +
      'user name and password as Authorization in callback_headers.'
    );
  if (isSignIn(bare, new URL(url)))
    return (
      `The address redirects to a sign-in page at ${bare.host}, ${NOT_FOLLOWED}: the receiver is not open to callbacks. ` +
      'Let this address be reached without a sign-in.'
    );
  return `The address redirects to ${name}, ${NOT_FOLLOWED}. ${whatThen(status, name)}`;
}

/** Known by its own address, or by where it points: it may be reached under another name. */
export function isAppsScript(location: string | null, url: string): boolean {
  const target = location === null ? null : targetOf(location, url);
  return (target !== null && isAppsScriptEcho(target)) || profileOf(url)?.name === APPS_SCRIPT;
}

function whatThen(status: number, name: string): string {
  if (name.includes('[redacted]') || name.includes('%5Bredacted%5D'))
    return 'Use that address, with the secret of yours that stands where this says [redacted], or better one without it.';
  if (status === 303)
    return 'It means that the receiver took the callback and shows a page about it there: let it answer 200 itself.';
  return 'Use that address, unless it is a sign-in page: then the receiver is not open to callbacks.';
}

function adviceOnForbidden(target: URL, url: string, policy: UrlPolicy): string {
  if (target.protocol === 'http:') return adviceOnPlainHttp(target, url, policy);
  if (target.protocol !== 'https:')
    return (
      `The address redirects to something that is no web address (${shown(target.protocol, 40)}), ${NOT_FOLLOWED}. ` +
      'Let the receiver answer at this address by itself.'
    );
  return (
    'The address redirects to one that Ringback does not call: in a private network, at another port than 443 and 8443, ' +
    'or of this Ringback itself. Use an address of the receiver that is open to the internet.'
  );
}

/** Mostly a proxy that ends TLS, and a program behind it that does not know. */
function adviceOnPlainHttp(target: URL, url: string, policy: UrlPolicy): string {
  const start = `The address redirects to http:, where callbacks are not sent, because anybody on the way could read them.`;
  const secure = new URL(target);
  secure.protocol = 'https:';
  if (secure.href === new URL(url).href)
    return `${start} The program behind it does not know that it is reached by https: have the proxy before it say so, with X-Forwarded-Proto.`;
  return judgeCallbackUrl(secure.href, policy).ok
    ? `${start} Try ${shown(secure.href, TARGET_BYTES)}, or let the receiver answer at this address by itself.`
    : `${start} Let the receiver answer at this address by itself.`;
}

/** A path of the receiver's own that has such a word in it says nothing. */
function isSignIn(target: URL, from: URL): boolean {
  return (
    SIGN_IN_HOST.test(target.hostname) ||
    (SIGN_IN_PATH.test(target.pathname) && !SIGN_IN_PATH.test(from.pathname))
  );
}

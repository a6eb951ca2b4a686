import { problemOfAddress } from './ip-address.ts';

/**
 * Which URLs Ringback calls. It calls what strangers tell it to, so it must not be a way into a network that only the
 * relay can reach, nor a way to make it call itself.
 *
 * What a name resolves to is not known here (and changes): the platform's `global_fetch_strictly_public` answers for that.
 */

const MAX_CHARACTERS = 2_048;
/** `URL.port` is empty for a scheme's own port. */
const PUBLIC_PORTS: ReadonlySet<string> = new Set(['', '8443']);
/**
 * Names that mean something only inside one machine or network: RFC 6761, 6762 (and its appendix G), 8375; `.internal` by
 * ICANN, 2024.
 */
const PRIVATE_SUFFIXES =
  '.localhost .local .internal .home.arpa .lan .home .corp .intranet .private .localdomain'.split(' ');

/** Scheme, two slashes, and everything up to where the host part ends, as the WHATWG parser sees it. */
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]+)(\\?)/i;
/** The parser drops or encodes these silently, and then what is called is not what was entered. */
const SILENTLY_CHANGED = /[^\S\ufeff]|\p{Cc}/u;
/**
 * Characters that nobody sees, and that come along where an address is copied from a page or a chat: the parser drops them from
 * a host, and sends them as part of a path. Those that choose the look of the character before them are seen there.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}--\p{Variation_Selector}]/v;

export interface UrlPolicy {
  /** Development only: lifts the scheme (http passes), address, port and own-host rules. */
  readonly allowPrivate: boolean;
  /** The names Ringback itself is reached by; ports in them are ignored. */
  readonly ownHosts: readonly string[];
}

export type UrlVerdict =
  /** `host` is lower-case, without trailing dot, with its port unless that is the scheme's own. */
  | { readonly ok: true; readonly host: string }
  /** `problem` is a sentence with its remedy; `reason` tells what is no URL from what is one and is not called. */
  | { readonly ok: false; readonly problem: string; readonly reason: 'not_a_url' | 'forbidden' };

/** Whether Ringback would call this URL. To be asked when a URL is accepted, and again whenever it is called. */
export function judgeCallbackUrl(url: string, policy: UrlPolicy): UrlVerdict {
  const unreadable = problemOfText(url);
  if (unreadable !== null) return { ok: false, problem: unreadable, reason: 'not_a_url' };
  const parsed = new URL(url);
  const problem =
    problemOfInvisible(url) ??
    problemOfScheme(url, parsed, policy) ??
    problemOfFragment(url) ??
    (policy.allowPrivate ? null : problemOfPlace(parsed, policy));
  if (problem !== null) return { ok: false, problem, reason: 'forbidden' };
  return { ok: true, host: hostOf(url) };
}

/** Lower-case host without trailing dot, with its port unless that is the scheme's own: what callbacks are counted by. */
export function hostOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { hostname, port } = new URL(url);
  return bareName(hostname) + (port === '' ? '' : `:${port}`);
}

function problemOfText(url: string): string | null {
  if (url.length > MAX_CHARACTERS) return 'The URL is longer than 2,048 characters; use a shorter one.';
  if (SILENTLY_CHANGED.test(url) || !url.isWellFormed()) {
    return 'The URL has white space or control characters in it; copy it again without them, or write a space as %20.';
  }
  if (!URL.canParse(url))
    return 'This is no complete URL; it should look like https://hooks.example.com/abc.';
  return null;
}

function problemOfInvisible(url: string): string | null {
  const [character] = INVISIBLE.exec(url) ?? [];
  if (character === undefined) return null;
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `The URL has an invisible character in it (U+${point}); type it again, or copy it without that.`;
}

function problemOfFragment(url: string): string | null {
  if (!url.includes('#')) return null;
  return 'The URL has a fragment, and what follows a # is never sent; leave it out, or write a # as %23.';
}

function problemOfScheme(url: string, parsed: URL, policy: UrlPolicy): string | null {
  if (parsed.protocol !== 'https:' && !(policy.allowPrivate && parsed.protocol === 'http:')) {
    return 'The URL must start with https:// so that nobody on the way can read or change the callback.';
  }
  const [, authority, backslash] = AUTHORITY.exec(url) ?? [];
  if (authority === undefined)
    return 'The URL must have two slashes and a host after its scheme, as in https://hooks.example.com/abc.';
  // This parser ends the host there, and others go on to another one.
  if (backslash !== '') return 'The URL has a backslash behind its host; write a slash.';
  // An empty user name ("https://@host") leaves no trace after parsing, so the text is looked at.
  if (authority.includes('@'))
    return 'The URL must not hold a user name or password; send them in callback_headers.';
  return null;
}

function problemOfPlace(parsed: URL, policy: UrlPolicy): string | null {
  if (!PUBLIC_PORTS.has(parsed.port))
    return `Port ${parsed.port} is not called; use 443 (the usual one) or 8443.`;
  // The parser takes dotted numbers for an address, but not where two dots follow; whoever resolves the name might.
  if (/^\.|\.\./.test(parsed.hostname))
    return `The host ${parsed.hostname} has nothing between two dots; check its spelling.`;
  const name = bareName(parsed.hostname);
  if (policy.ownHosts.some((own) => bareName(hostnameOf(own)) === name)) {
    return 'The URL leads back to this Ringback; use the address of your own receiver.';
  }
  return problemOfAddress(name) ?? problemOfName(name);
}

function problemOfName(name: string): string | null {
  if (name.startsWith('[')) return null; // an IPv6 address, and a public one by now
  if (name.includes('.') && !PRIVATE_SUFFIXES.some((suffix) => `.${name}`.endsWith(suffix))) return null;
  return `The host ${name} exists only inside a private network; use a public host name, or a tunnel to it.`;
}

/** Trailing dots only say that a name is complete: with and without, it is the same host. */
function bareName(hostname: string): string {
  return hostname.toLowerCase().replace(/\.+$/, '');
}

/** The host name of `host` or `host:port` as the parser writes it; unchanged where it is none. */
function hostnameOf(host: string): string {
  const url = `https://${host}`;
  return URL.canParse(url) ? new URL(url).hostname : host;
}

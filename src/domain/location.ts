import { shown } from './shown.ts';

/** User info behind a scheme and its slashes, or behind the slashes alone; the parser takes backslashes for slashes. */
const LEADING_USER_INFO = /^(\s*(?:[a-z][a-z0-9+.-]*:)?[/\\]*)[^/?#\\]*@/i;
/** In an address that is a part of another one, such as `?next=https://me:pw@host/`, also as a URL spells it. */
const NESTED_USER_INFO = /(:\/\/)[^/?#@\s]*@|(%3A%2F%2F)(?:(?!%2F|%3F|%23)[^/?#@&\s])*?(?:@|%40)/gi;
/** Two lines of a header arrive joined by a comma. */
const SECOND_ADDRESS = /,\s+(?:[a-z][a-z0-9+.-]*:)?\/\//i;

/** Where a `Location` points, as a URL; null where it is no address, or more than one. */
export function targetOf(location: string, url: string): URL | null {
  if (SECOND_ADDRESS.test(location) || !URL.canParse(location, url)) return null;
  return new URL(location, url);
}

/** A `Location` for people to read: as it was sent, but without user info, with what is invisible spelled out, at most 1 KiB. */
export function shownLocation(location: string, url: string): string {
  const target = targetOf(location, url);
  if (target === null) return shown(withoutNested(location.replace(LEADING_USER_INFO, '$1')));
  const hasUserInfo = target.username !== '' || target.password !== '';
  return shown(withoutNested(hasUserInfo ? withoutUserInfo(target).href : location));
}

/** The same address without user info and fragment, which are never sent. */
export function withoutUserInfo(target: URL): URL {
  const bare = new URL(target);
  bare.username = '';
  bare.password = '';
  bare.hash = '';
  return bare;
}

function withoutNested(text: string): string {
  return text.replaceAll(NESTED_USER_INFO, '$1$2');
}

import { ADMIN_TOKEN, RELAY } from './relay.ts';
import type { Relay } from './relay.ts';

/** What a browser would do with the console: cookies are kept, forms say where they come from. */
export function browserOf(relay: Relay) {
  let cookie = '';
  const send = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await relay.request(path, { ...init, headers });
    const set = response.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';')[0]?.replace(/=$/, '') ?? '';
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      setCookie: set,
    };
  };
  const browser = {
    get cookie() {
      return cookie;
    },
    set cookie(value: string) {
      cookie = value;
    },
    get: async (path: string) => await send(path, { headers: { accept: 'text/html' } }),
    /** Submits a form, from the console's own pages unless told otherwise. */
    submit: async (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
      await send(path, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: RELAY, ...headers },
      }),
    signIn: async (credential: string = ADMIN_TOKEN) =>
      await browser.submit('/console/sign-in', { credential }),
  };
  return browser;
}

export type Browser = ReturnType<typeof browserOf>;

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCallbackSender } from '../../src/delivery/sender.ts';
import { judgeCallbackUrl } from '../../src/domain/url-policy.ts';
import { holdsForAll, holdsForAllInTime } from '../support/properties.ts';

const OWN = 'relay.example.com';
const policy = { allowPrivate: false, ownHosts: [OWN] };

/** What IANA lists as not globally reachable (RFC 6890 and its successors): first address and prefix length. */
const PRIVATE_V4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

const toNumber = (dotted: string) => dotted.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const isPrivateV4 = (dotted: string) =>
  PRIVATE_V4.some(([first, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(toNumber(dotted) / size) === Math.floor(toNumber(first) / size);
  });

const privateV4 = fc
  .tuple(fc.constantFrom(...PRIVATE_V4), fc.nat(2 ** 28))
  .map(([[first, length], rest]) => toNumber(first) + (rest % 2 ** (32 - length)));
/** One address in every spelling that a URL parser takes for it. */
const spelling = fc.constantFrom<((address: number) => string)[]>(
  (a) => [24, 16, 8, 0].map((bits) => Math.floor(a / 2 ** bits) % 256).join('.'),
  (a) => String(a),
  (a) => `0x${a.toString(16)}`,
  (a) => `0${a.toString(8)}`,
  (a) => [24, 16, 8, 0].map((bits) => `0x${(Math.floor(a / 2 ** bits) % 256).toString(16)}`).join('.'),
  (a) => [24, 16, 8, 0].map((bits) => `0${(Math.floor(a / 2 ** bits) % 256).toString(8)}`).join('.'),
  (a) => `${Math.floor(a / 2 ** 24)}.${a % 2 ** 24}`,
  (a) => `${Math.floor(a / 2 ** 24)}.${Math.floor(a / 2 ** 16) % 256}.${a % 2 ** 16}`,
);
const hex = (a: number) => `${Math.floor(a / 2 ** 16).toString(16)}:${(a % 2 ** 16).toString(16)}`;
const embedded = fc.constantFrom<((address: number) => string)[]>(
  (a) => `[::ffff:${hex(a)}]`,
  (a) => `[0:0:0:0:0:ffff:${hex(a)}]`,
  (a) => `[64:ff9b::${hex(a)}]`,
  (a) => `[2002:${hex(a)}::1]`,
  (a) => `[::${hex(a)}]`,
  (a) => `[2001:0:${hex(a)}::1]`,
);
const privateHost = fc.oneof(
  fc.tuple(privateV4, spelling).map(([address, spell]) => spell(address)),
  fc.tuple(privateV4, embedded).map(([address, spell]) => spell(address)),
  fc.ipV6().map((address) => `[fe80${address.slice(address.indexOf(':'))}]`),
  fc.constantFrom('localhost', 'a.localhost', 'printer.local', 'db.internal', 'nas.home.arpa', 'intranet'),
  fc.constantFrom(OWN, `${OWN}.`, OWN.toUpperCase(), 'relay%2eexample.com', 'ｒelay.example.com'),
);
const ending = fc.constantFrom('', '.', '/', '/a?b=c#d', ':8443/x', ':443');

describe('a URL that leads to no public host', () => {
  it('is never called, however it is spelt', () => {
    holdsForAll(
      fc.tuple(privateHost, ending),
      ([host, rest]) => {
        expect(judgeCallbackUrl(`https://${host}${rest}`, policy).ok).toBe(false);
      },
      2_000,
    );
  });

  it('is not among those that pass, whatever is tried', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('@', ':', '//', '\\', '#', '?', '.'),
    );
    const authority = fc.oneof(
      fc.webAuthority({ withIPv4Extended: true, withIPv6: true, withPort: true, withUserInfo: true }),
      privateHost,
    );
    const url = fc
      .tuple(
        fc.constantFrom('https://', 'https:', 'http://', 'HTTPS://', 'ftp://'),
        fc.array(part, { maxLength: 2 }),
        authority,
        part,
      )
      .map(([scheme, before, host, after]) => scheme + before.join('') + host + after);
    holdsForAll(
      url,
      (text) => {
        if (!judgeCallbackUrl(text, policy).ok) return;
        const { protocol, hostname, port, username, password } = new URL(text);
        expect([protocol, username, password]).toEqual(['https:', '', '']);
        expect(['', '8443']).toContain(port);
        expect(hostname.replace(/\.$/, '')).not.toBe(OWN);
        if (/^[\d.]+$/.test(hostname)) expect(isPrivateV4(hostname)).toBe(false);
        else if (hostname.startsWith('[')) expect(hostname).toMatch(/^\[[23]/);
        else expect(hostname).toMatch(/[^.]\.[^.]/);
      },
      3_000,
    );
  });
});

describe('a real URL', () => {
  it('with a fragment is refused, whatever that is', () => {
    holdsForAll(fc.tuple(fc.webUrl({ validSchemes: ['https'] }), fc.webFragments()), ([url, fragment]) => {
      expect(judgeCallbackUrl(`${url}#${fragment}`, policy).ok).toBe(false);
    });
  });

  const real = fc.webUrl({ validSchemes: ['https'], withQueryParameters: true });

  it('is let through, and called byte for byte as it was given', async () => {
    await holdsForAllInTime(real, async (url) => {
      const called: unknown[] = [];
      const send = createCallbackSender({
        fetch: async (input) => {
          called.push(input);
          return new Response(null, { status: 204 });
        },
        clock: {
          now: () => 0,
          after: () => () => undefined,
          sleep: async (_ms, signal) => await aborted(signal),
        },
        timeoutMs: 1_000,
        allowPrivate: false,
        checkName: null,
      });
      const answer = await send({ url, headers: {}, body: '', ownHosts: [OWN] });
      const isPrivate = /\.(local|localhost|internal|home\.arpa)$/.test(new URL(url).hostname);
      if (isPrivate || url.length > 2_048) return;
      expect(answer).toMatchObject({ kind: 'response', status: 204 });
      expect(called).toEqual([url]);
    });
  });
});

async function aborted(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => resolve());
  });
}

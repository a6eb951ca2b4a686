import type { Clock } from '../domain/clock.ts';
import { LOOK_UPS, readDnsAnswer } from '../domain/dns-answer.ts';
import type { DnsAnswer, DnsType } from '../domain/dns-answer.ts';
import { isPublicAddress } from '../domain/ip-address.ts';
import { readAtMost } from '../fetching/body.ts';
import { withTimeout } from '../fetching/timeout.ts';

/** A claim reaches 15 s past the callback itself; the two questions fit into it. */
const TIMEOUT_MS = 3_000;
const MAX_ANSWER_BYTES = 65_536;
/** However long the name's owner says that its address holds. */
const MAX_CACHED_MS = 300_000;
const MAX_CACHED_NAMES = 1_000;

export type NameVerdict = WhereTo & {
  /** Questions that were asked for it: none where it is remembered. */
  readonly lookUps: number;
};

type WhereTo =
  | { readonly kind: 'public' }
  /** It leads, or leads too, to an address that is not on the public internet. */
  | { readonly kind: 'private' }
  /** Nobody knows where it leads: it has no address, or the resolver does not say. */
  | { readonly kind: 'unknown' };

export interface NameCheckOptions {
  /** `CALLBACK_DNS_URL`: answers DNS over HTTPS in its JSON format. */
  readonly resolverUrl: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/**
 * Where the name of a host leads, asked of a resolver: its IPv4 and its IPv6 addresses, one question after the other, so that
 * a turn never has two connections. What is public is remembered for its time to live. Never rejects.
 */
export function createNameCheck({ resolverUrl, fetch, clock }: NameCheckOptions) {
  const publicUntil = new Map<string, number>();

  const ask = async (name: string, type: DnsType): Promise<DnsAnswer | null> => {
    const url = new URL(resolverUrl);
    url.searchParams.set('name', name);
    url.searchParams.set('type', type);
    try {
      return await withTimeout(clock, TIMEOUT_MS, async (signal) => {
        const headers = { accept: 'application/dns-json' };
        const response = await fetch(url.href, { headers, redirect: 'manual', signal });
        const { text, truncated } = await readAtMost(response.body, MAX_ANSWER_BYTES, signal);
        return response.ok && !truncated ? readDnsAnswer(text, type) : null;
      });
    } catch {
      return null;
    }
  };

  return async (name: string): Promise<NameVerdict> => {
    if ((publicUntil.get(name) ?? 0) > clock.now()) return { kind: 'public', lookUps: 0 };
    let lookUps = 0;
    let addresses = 0;
    let ttlSeconds = Infinity;
    for (const type of LOOK_UPS) {
      lookUps++;
      const answer = await ask(name, type);
      if (answer === null) return { kind: 'unknown', lookUps };
      if (!answer.addresses.every(isPublicAddress)) return { kind: 'private', lookUps };
      addresses += answer.addresses.length;
      if (answer.addresses.length > 0) ttlSeconds = Math.min(ttlSeconds, answer.ttlSeconds);
    }
    if (addresses === 0) return { kind: 'unknown', lookUps };
    if (publicUntil.size >= MAX_CACHED_NAMES) publicUntil.clear();
    publicUntil.set(name, clock.now() + Math.min(ttlSeconds * 1_000, MAX_CACHED_MS));
    return { kind: 'public', lookUps };
  };
}

export type NameCheck = ReturnType<typeof createNameCheck>;

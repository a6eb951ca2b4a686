import { LOOK_UPS } from '../domain/dns-answer.ts';
import { isAddress } from '../domain/ip-address.ts';
import { judgeCallbackUrl } from '../domain/url-policy.ts';
import type { NameCheck } from '../delivery/name-check.ts';
import type { Cut } from './cut.ts';

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface SourceOptions {
  readonly fetch: typeof fetch;
  /** `ALLOW_PRIVATE_CALLBACKS`. */
  readonly allowPrivate: boolean;
  readonly userAgent: string;
  /** Where the operator has a resolver asked where names lead; else null. */
  readonly checkName: NameCheck | null;
}

/** Why nothing is fetched: another try would meet the same, or may not. */
interface Closed {
  readonly kind: 'refused' | 'failed';
  readonly problem: string;
}

/**
 * Requests a file, hop by hop: where it leads is judged anew each time. Rejects where it is cut off, or nobody answers.
 *
 * @param counted is told of outgoing requests, questions to the resolver too, before they are made: it throws where there may be no more.
 */
export async function openSource(
  { fetch, userAgent, ...options }: SourceOptions,
  { url: first, ownHosts }: { readonly url: string; readonly ownHosts: readonly string[] },
  cut: Cut,
  counted: (fetches: number) => void,
): Promise<{ kind: 'open'; response: Response } | Closed> {
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const why = await whyNotCalled(options, { url, ownHosts, isFirst: redirects === 0 }, cut, counted);
    if (why !== null) return why;
    counted(1);
    // The bytes as they are: a length that is announced is then the file's.
    const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': userAgent };
    const response = await cut.or(fetch(url, { headers, redirect: 'manual', signal: cut.signal }));
    if (response.status === 200) return { kind: 'open', response };
    void response.body?.cancel().catch(() => undefined);
    const location = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || location === null)
      return { kind: 'failed', problem: `Its server answered with ${response.status}.` };
    if (redirects === MAX_REDIRECTS)
      return { kind: 'refused', problem: `Its link redirects more than ${MAX_REDIRECTS} times.` };
    if (!URL.canParse(location, url))
      return { kind: 'failed', problem: 'Its link redirects to what is no address.' };
    const target = new URL(location, url);
    // Never sent, and no reason to refuse where a server leads.
    target.hash = '';
    url = target.href;
  }
}

interface Hop {
  readonly url: string;
  readonly ownHosts: readonly string[];
  readonly isFirst: boolean;
}

async function whyNotCalled(
  { allowPrivate, checkName }: Omit<SourceOptions, 'fetch' | 'userAgent'>,
  { url, ownHosts, isFirst }: Hop,
  cut: Cut,
  counted: (fetches: number) => void,
): Promise<Closed | null> {
  const what = isFirst ? 'Its link' : 'What its link redirects to';
  const verdict = judgeCallbackUrl(url, { allowPrivate, ownHosts });
  if (!verdict.ok)
    return { kind: 'refused', problem: `${what} is no address that is fetched. ${verdict.problem}` };
  const name = new URL(url).hostname.replace(/\.+$/, '');
  if (checkName === null || allowPrivate || isAddress(name)) return null;
  counted(LOOK_UPS.length);
  const { kind, lookUps } = await cut.or(checkName(name));
  counted(lookUps - LOOK_UPS.length);
  if (kind === 'private')
    return { kind: 'refused', problem: `${what} leads to an address that is not on the public internet.` };
  return kind === 'unknown' ? { kind: 'failed', problem: `The name ${name} has no address.` } : null;
}

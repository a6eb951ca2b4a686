/** Record types (RFC 1035, RFC 3596). */
export const DNS_TYPES = { A: 1, AAAA: 28 } as const;
export type DnsType = keyof typeof DNS_TYPES;
/** What is asked about one name: its IPv4 and its IPv6 addresses. */
export const LOOK_UPS = ['A', 'AAAA'] as const satisfies DnsType[];

/** Response codes (RFC 1035, section 4.1.1). */
const NO_ERROR = 0;
const NO_SUCH_NAME = 3;

export interface DnsAnswer {
  readonly addresses: readonly string[];
  /** For how long the addresses hold; 0 where there are none. */
  readonly ttlSeconds: number;
}

/** One record of an answer. */
interface DnsRecord {
  readonly type: number;
  readonly data: string;
  readonly ttlSeconds: number;
}

/** The addresses of one type in an answer; none where the name has none. Null where it says nothing about the name. */
export function readDnsAnswer(body: string, type: DnsType): DnsAnswer | null {
  const answer = fieldsOf(parsed(body));
  const status = answer?.['Status'];
  if (status !== NO_ERROR && status !== NO_SUCH_NAME) return null;
  const listed = answer?.['Answer'] ?? [];
  if (!Array.isArray(listed)) return null;
  const all = listed.flatMap((each) => recordOf(each) ?? []);
  if (all.length < listed.length) return null;
  // The names on the way to the address (CNAME) stand in the answer too.
  const records = all.filter((record) => record.type === DNS_TYPES[type]);
  return {
    addresses: records.map(({ data }) => data),
    ttlSeconds: records.length === 0 ? 0 : Math.min(...records.map(({ ttlSeconds }) => ttlSeconds)),
  };
}

/** A record in the JSON format of DNS over HTTPS, which Cloudflare, Google and others give; null for what is none. */
function recordOf(value: unknown): DnsRecord | null {
  const fields = fieldsOf(value);
  const [type, data, ttl] = [fields?.['type'], fields?.['data'], fields?.['TTL']];
  if (typeof type !== 'number' || !Number.isInteger(type) || typeof data !== 'string') return null;
  return { type, data, ttlSeconds: typeof ttl === 'number' && ttl >= 0 ? ttl : 0 };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : null;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

import { z } from 'zod';

/** An answer in the JSON format of DNS over HTTPS; Cloudflare, Google and others give the same. */
const Answer = z.object({
  Status: z.int(),
  Answer: z
    .array(z.object({ type: z.int(), TTL: z.number().nonnegative().catch(0), data: z.string() }))
    .optional(),
});

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

/** The addresses of one type in an answer; none where the name has none. Null where it says nothing about the name. */
export function readDnsAnswer(body: string, type: DnsType): DnsAnswer | null {
  let parsed: ReturnType<typeof Answer.safeParse>;
  try {
    parsed = Answer.safeParse(JSON.parse(body));
  } catch {
    return null;
  }
  if (!parsed.success || ![NO_ERROR, NO_SUCH_NAME].includes(parsed.data.Status)) return null;
  // The names on the way to the address (CNAME) stand in the answer too.
  const records = (parsed.data.Answer ?? []).filter((record) => record.type === DNS_TYPES[type]);
  return {
    addresses: records.map(({ data }) => data),
    ttlSeconds: records.length === 0 ? 0 : Math.min(...records.map(({ TTL }) => TTL)),
  };
}

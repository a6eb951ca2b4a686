/**
 * Which headers a client may add to its callbacks. What it may not: those that Ringback sets (a signature that the client
 * can overwrite proves nothing), those that the platform or the connection sets, and those that would speak for a proxy.
 */

const MAX_HEADERS = 10;
const MAX_NAME_CHARACTERS = 256;
const MAX_VALUE_CHARACTERS = 4_096;

/** A field name is a token (RFC 9110, section 5.6.2). */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** A field value here: visible ASCII, spaces and tabs. RFC 9110 only tolerates more, and receivers disagree about it. */
const VALUE = /^[\t\x20-\x7e]*$/;

/** Set by Ringback. */
const RELAY = 'content-type user-agent date';
/** Set by the platform, or about one connection only (RFC 9110, section 7.6.1). */
const CONNECTION =
  'host content-length connection keep-alive transfer-encoding te trailer trailers upgrade http2-settings expect accept-encoding content-encoding content-range';
/** Say who is calling and by which way: receivers trust these when they come from an edge, or from a browser. */
const ORIGIN =
  'origin forwarded x-forwarded via x-real-ip x-client-ip client-ip x-cluster-client-ip true-client-ip fastly-client-ip x-original-forwarded-for x-original-host x-original-url x-rewrite-url cdn-loop';
/** Have a receiver take the POST for another method. */
const METHOD = 'x-http-method x-http-method-override x-method-override';
/** Open the metadata services of clouds, which answer nobody who does not send them: Google's, Amazon's, Alibaba's. */
const METADATA =
  'metadata-flavor x-google-metadata-request x-aws-ec2-metadata-token x-aws-ec2-metadata-token-ttl-seconds x-aliyun-ecs-metadata-token x-aliyun-ecs-metadata-token-ttl-seconds';
/** Belong to a browser's session. */
const SESSION = 'cookie cookie2 set-cookie';

const RESERVED_NAMES: ReadonlySet<string> = new Set(
  [RELAY, CONNECTION, ORIGIN, METHOD, METADATA, SESSION].flatMap((names) => names.split(' ')),
);
/** `svix-` are the older names of `webhook-`, which libraries still look for. */
const RESERVED_PREFIXES = ['webhook-', 'svix-', 'proxy-', 'sec-', 'cf-', 'x-forwarded-'];

/** The first header that cannot be sent, and why in words; null where all can. `name` is as the client spelt it. */
export function problemOfCallbackHeaders(
  headers: Readonly<Record<string, string>>,
): { name: string; problem: string } | null {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const problem = problemOfName(name) ?? problemOfValue(value) ?? problemOfPlace(name.toLowerCase(), seen);
    if (problem !== null) return { name, problem };
    seen.add(name.toLowerCase());
  }
  return null;
}

function problemOfName(name: string): string | null {
  if (!TOKEN.test(name)) return "is no header name: use letters, digits and hyphens, such as 'X-Api-Key'";
  if (name.length > MAX_NAME_CHARACTERS) return `has a name of more than ${MAX_NAME_CHARACTERS} characters`;
  const lower = name.toLowerCase();
  if (RESERVED_NAMES.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
    return 'is set by Ringback or by the connection: choose another name';
  }
  return null;
}

function problemOfValue(value: string): string | null {
  if (!VALUE.test(value))
    return 'has a value with line breaks or characters other than plain ASCII: remove them';
  if (value.trim() !== value) return 'has a value with white space at its start or end: remove it';
  if (value.length > MAX_VALUE_CHARACTERS) return 'has a value of more than 4,096 characters';
  return null;
}

function problemOfPlace(lowerName: string, seen: ReadonlySet<string>): string | null {
  if (seen.has(lowerName)) return 'is given twice: header names do not differ by upper and lower case';
  if (seen.size === MAX_HEADERS) return `is one too many: at most ${MAX_HEADERS} headers can be added`;
  return null;
}

/** Whether two URLs are of one server, by scheme, host and port: headers that were given for it are sent to no other. */
export function isSameServer(one: string, another: string): boolean {
  return one === another || new URL(one).origin === new URL(another).origin;
}

import ipaddr from 'ipaddr.js';

const PROBLEM = 'is not on the public internet; use a public host name, or a tunnel to the receiver.';

/** What IANA has given out as global unicast so far. Whatever lies outside is special, or not anybody's yet. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Interface identifiers of ISATAP (RFC 5214) hold an IPv4 address in their last 32 bits. */
const ISATAP_MARKS: ReadonlySet<string> = new Set(['0:5efe', '200:5efe']);

/**
 * Why an address is not to be called, as a sentence; null where it is public unicast, or no address but a name.
 *
 * `host` is a host name as the WHATWG parser writes it: by then decimal, octal, hexadecimal and short spellings of IPv4 are
 * dotted, and IPv6 is in brackets.
 */
export function problemOfAddress(host: string): string | null {
  if (host.startsWith('[')) {
    return isPublicIPv6(ipaddr.IPv6.parse(host.slice(1, -1))) ? null : `The address ${host} ${PROBLEM}`;
  }
  if (!ipaddr.IPv4.isValidFourPartDecimal(host)) return null;
  return isPublicIPv4(ipaddr.IPv4.parse(host)) ? null : `The address ${host} ${PROBLEM}`;
}

/** Whether a text is an address, and one of the public internet; as DNS writes it, without brackets. */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return isPublicIPv4(ipaddr.IPv4.parse(address));
  return ipaddr.IPv6.isValid(address) && isPublicIPv6(ipaddr.IPv6.parse(address));
}

/** Whether a host name, as the WHATWG parser writes it, is an address in itself. */
export function isAddress(host: string): boolean {
  return host.startsWith('[') || ipaddr.IPv4.isValidFourPartDecimal(host);
}

/**
 * What callers at an address are counted by: of IPv6 the first 64 bits, for whoever has one address there has them all
 * (RFC 4291, section 2.5.4); anything else as it is.
 */
export function networkOf(address: string): string {
  if (!ipaddr.IPv6.isValid(address)) return address;
  const parsed = ipaddr.IPv6.parse(address);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

function isPublicIPv4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast';
}

function isPublicIPv6(address: ipaddr.IPv6): boolean {
  // A mapped address is IPv4 in another spelling, and is judged as that.
  if (address.isIPv4MappedAddress()) return isPublicIPv4(address.toIPv4Address());
  // NAT64, 6to4 and Teredo have ranges of their own, so those are refused whatever IPv4 address they embed; IPv4-compatible
  // addresses (::a.b.c.d) do not, but lie outside of global unicast.
  if (address.range() !== 'unicast' || !address.match(GLOBAL_UNICAST)) return false;
  return !embedsPrivateIPv4(address);
}

function embedsPrivateIPv4(address: ipaddr.IPv6): boolean {
  const mark = address.parts
    .slice(4, 6)
    .map((part) => part.toString(16))
    .join(':');
  return ISATAP_MARKS.has(mark) && !isPublicIPv4(new ipaddr.IPv4(address.toByteArray().slice(12)));
}

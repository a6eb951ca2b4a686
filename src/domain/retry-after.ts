/** The last instant that a Date can hold, in epoch ms: a receiver that says "in a billion years" must not break a row. */
const LAST_INSTANT_MS = 8.64e15;

/** The three formats of an HTTP-date (RFC 9110, section 5.6.7). Date.parse would also take "7" and "tomorrow-ish 2026". */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * The instant, in epoch ms, before which a `Retry-After` header (RFC 9110, section 10.2.3) asks not to come back: a whole
 * number of seconds from now, or an HTTP-date. A date in the past means now. Null where it is absent or malformed.
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | null {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Math.min(nowMs + Number(value) * 1000, LAST_INSTANT_MS);
  const instant = parseHttpDate(value);
  return instant === null ? null : Math.max(instant, nowMs);
}

function parseHttpDate(value: string): number | null {
  // The asctime format names no zone and means GMT; without one, Date.parse would take the machine's.
  const zoned = ASCTIME.test(value) ? `${value} GMT` : value;
  if (zoned === value && !IMF_FIXDATE.test(value) && !RFC_850.test(value)) return null;
  // oxlint-disable-next-line no-restricted-globals -- pure: a fixed text to a number, no clock is read
  const instant = Date.parse(zoned);
  return Number.isNaN(instant) ? null : instant;
}

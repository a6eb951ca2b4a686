/** The last instant that a Date can hold, in epoch ms: a receiver that says "in a billion years" must not break a row. */
const LAST_INSTANT_MS = 8.64e15;

/** Seconds: RFC 9110 knows whole ones only, and receivers send "9.5", "120.0" and ".5". */
const SECONDS = /^(?:\d+(?:\.\d*)?|\.\d+)$/;

/**
 * The three formats of an HTTP-date (RFC 9110, section 5.6.7), the day also with one digit, and the zone also as UTC or as
 * an offset of nought, which mean GMT. Date.parse would also take "7" and "tomorrow-ish 2026".
 */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:GMT|UTC|[+-]0000)$/;
const RFC_850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** A comma between two values: not the one behind the name of a day, which belongs to its date. */
const BETWEEN_VALUES = /(?<!(?:^|,)\s*[A-Z][a-z]{2,8}),/;

/**
 * The instant, in epoch ms, before which a `Retry-After` header (RFC 9110, section 10.2.3) asks not to come back: seconds
 * from now, decimals rounded up, or an HTTP-date. A date in the past means now. Several lines arrive joined by commas: the
 * longest counts, and what is malformed among them does not. Null where nothing in it can be understood.
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | null {
  const instants = (header ?? '')
    .split(BETWEEN_VALUES)
    .map((value) => instantOf(value.trim(), nowMs))
    .filter((instant) => instant !== null);
  return instants.length === 0 ? null : Math.max(...instants);
}

function instantOf(value: string, nowMs: number): number | null {
  if (SECONDS.test(value)) return Math.min(nowMs + Math.ceil(Number(value)) * 1_000, LAST_INSTANT_MS);
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

/** What is known of a receiver's host, from all callbacks that went there. Epoch ms. */
export interface HostHealth {
  /** When it last answered anything at all: any status is an answer. */
  readonly answeredAt: number | null;
  /** Attempts in a row that met no answer: timeouts, broken connections, failed handshakes. */
  readonly silences: number;
  readonly silentSince: number | null;
  /** While the breaker is open its callbacks wait, and use no attempts up. */
  readonly openUntil: number | null;
  /** How often in a row the breaker opened. */
  readonly openings: number;
  /** Its last answer took long. */
  readonly isSlow: boolean;
}

export const UNKNOWN_HOST: HostHealth = {
  answeredAt: null,
  silences: 0,
  silentSince: null,
  openUntil: null,
  openings: 0,
  isSlow: false,
};

/** A host is dead when it has met this many attempts with silence, over at least this long. */
const OPEN_AFTER_SILENCES = 10;
const OPEN_AFTER_MS = 30_000;
const FIRST_OPENING_MS = 10_000;
const MAX_OPENING_MS = 300_000;
const MIN_PARKED_MS = 600_000;
const MAX_PARKED_MS = 86_400_000;
/** A host that has just answered may be silent so often in a row: one slow workflow does not speak for a platform. */
export const FORGIVEN_SILENCES = 2;
export const FORGIVING_MS = 600_000;
/** A host that answers is written down no more often than this, which is well within the time of forgiveness. */
const NOTE_ANSWER_MS = 300_000;
/** Callbacks in flight to one host: few enough that no host fills a worker. */
const PROVEN_IN_FLIGHT = 3;
const UNPROVEN_IN_FLIGHT = 1;
/** An answer that takes this long makes its host a slow one. */
const SLOW_MS = 3_000;

/**
 * Whether the host answers, as far as is known: `unknown` before its first callback, `silent` since some met no answer,
 * `slow` where its last answer took long.
 */
export type Standing = 'proven' | 'slow' | 'unknown' | 'silent';

export function standingOf(health: HostHealth, now: number): Standing {
  const { answeredAt, silences } = health;
  const forgiven = answeredAt !== null && now - answeredAt < FORGIVING_MS ? FORGIVEN_SILENCES : 0;
  if (silences > forgiven) return 'silent';
  if (answeredAt === null) return 'unknown';
  return health.isSlow ? 'slow' : 'proven';
}

/** An attempt as its host made it: whether it answered at all, and how long it was waited for. */
export interface HostAttempt {
  readonly answered: boolean;
  readonly tookMs: number;
}

/** How many callbacks may be in flight to this host at once. */
export function inFlightLimit(health: HostHealth, now: number): number {
  return standingOf(health, now) === 'proven' ? PROVEN_IN_FLIGHT : UNPROVEN_IN_FLIGHT;
}

/**
 * The health after an attempt, or the same object where there is nothing to write down. Only silence counts against a
 * host: it may serve many people, and a 404 or a 500 is the fault of one of them.
 */
export function afterAttempt(health: HostHealth, { answered, tookMs }: HostAttempt, now: number): HostHealth {
  if (answered) {
    const isSlow = tookMs >= SLOW_MS;
    const isFresh = health.answeredAt !== null && now - health.answeredAt < NOTE_ANSWER_MS;
    const isKnown = health.silences === 0 && isFresh && isSlow === health.isSlow;
    return isKnown ? health : { ...UNKNOWN_HOST, answeredAt: now, isSlow };
  }
  const silences = health.silences + 1;
  const silentSince = health.silentSince ?? now;
  const isDead = silences >= OPEN_AFTER_SILENCES && now - silentSince >= OPEN_AFTER_MS;
  if (!isDead) return { ...health, silences, silentSince };
  const opening = Math.min(FIRST_OPENING_MS * 2 ** Math.min(health.openings, 10), MAX_OPENING_MS);
  return { ...health, silences, silentSince, openUntil: now + opening, openings: health.openings + 1 };
}

/**
 * When callbacks that stand aside for a host whose breaker is open come due, if nobody has them come due before: after as long
 * as it has been silent, ten minutes at the least and a day at the most. So a host that stays dead costs fewer writes with time.
 */
export function parkedUntil({ silentSince }: HostHealth, now: number): number {
  return now + Math.min(Math.max(now - (silentSince ?? now), MIN_PARKED_MS), MAX_PARKED_MS);
}

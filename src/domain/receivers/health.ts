/**
 * What is known of a receiver's host, from one client's callbacks that went there. It is a lane of that client's alone: what a
 * slow path or a dead script of one client does to its host is nobody else's business. Epoch ms.
 */
export interface ReceiverHealth {
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
  /** When it answered after a silence: whoever waited for it is tried then, whatever its own schedule says. */
  readonly recoveredAt: number | null;
  /** When the last of this was seen: of two sights the newer one holds. */
  readonly observedAt: number;
}

export const UNKNOWN_RECEIVER: ReceiverHealth = {
  answeredAt: null,
  silences: 0,
  silentSince: null,
  openUntil: null,
  openings: 0,
  isSlow: false,
  recoveredAt: null,
  observedAt: 0,
};

/** A host is dead when it has met this many attempts with silence, over at least this long. */
const OPEN_AFTER_SILENCES = 10;
const OPEN_AFTER_MS = 30_000;
const FIRST_OPENING_MS = 10_000;
/** A silent host is tried at least this often, whatever the schedules of its callbacks say. */
export const PROBE_SILENT_MS = 300_000;
/** For so long after its first answer those that waited for it are tried. */
export const RECOVERY_MS = 120_000;
/** A host that has just answered may be silent so often in a row: one slow workflow does not speak for a platform. */
export const FORGIVEN_SILENCES = 2;
export const FORGIVING_MS = 600_000;
/** A host that answers is written down no more often than this, which is well within the time of forgiveness. */
const NOTE_ANSWER_MS = 300_000;
/** An answer that takes this long makes its host a slow one. */
const SLOW_MS = 3_000;

/**
 * Whether the host answers, as far as is known: `unknown` before its first callback, `silent` since some met no answer,
 * `slow` where its last answer took long.
 */
export type Standing = 'proven' | 'slow' | 'unknown' | 'silent';

export function standingOf(health: ReceiverHealth, now: number): Standing {
  const { answeredAt, silences } = health;
  const forgiven = answeredAt !== null && now - answeredAt < FORGIVING_MS ? FORGIVEN_SILENCES : 0;
  if (silences > forgiven) return 'silent';
  if (answeredAt === null) return 'unknown';
  return health.isSlow ? 'slow' : 'proven';
}

/** An attempt as its host made it: whether it answered at all, and how long it was waited for. */
export interface Sight {
  readonly answered: boolean;
  readonly tookMs: number;
}

/**
 * The health after an attempt, or the same object where there is nothing to write down. Only silence counts against a
 * host: a 404 or a 500 is the fault of one address there.
 */
export function afterAttempt(
  health: ReceiverHealth,
  { answered, tookMs }: Sight,
  now: number,
): ReceiverHealth {
  if (answered) {
    const isSlow = tookMs >= SLOW_MS;
    const isFresh = health.answeredAt !== null && now - health.answeredAt < NOTE_ANSWER_MS;
    const isKnown = health.silences === 0 && isFresh && isSlow === health.isSlow;
    if (isKnown) return health;
    const recoveredAt = health.silences > 0 ? now : health.recoveredAt;
    return { ...UNKNOWN_RECEIVER, answeredAt: now, isSlow, recoveredAt, observedAt: now };
  }
  const silences = health.silences + 1;
  const silentSince = health.silentSince ?? now;
  const silent = { ...health, silences, silentSince, observedAt: now };
  const isDead = silences >= OPEN_AFTER_SILENCES && now - silentSince >= OPEN_AFTER_MS;
  if (!isDead) return silent;
  const opening = Math.min(FIRST_OPENING_MS * 2 ** Math.min(health.openings, 10), PROBE_SILENT_MS);
  return { ...silent, openUntil: now + opening, openings: health.openings + 1 };
}

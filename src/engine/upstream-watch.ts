import type { KeyLesson, UpstreamKey } from '../domain/upstream-key.ts';

/** What was wrong with an answer that was no proper one. */
export interface Trouble {
  readonly problem: string;
  /** Upstream does not take the key. */
  readonly isRefused: boolean;
}

interface Seen {
  /** When a call was last answered properly; `-Infinity` where none was. Epoch ms. */
  properAt: number;
  /** Since when none was. */
  improperSince: number | null;
  notedAt: number;
}

/** A key of which one call is answered properly, and another is not, is not in trouble; and what goes on is noted so often. */
const QUIET_MS = 10_000;

/**
 * Whether upstream answers properly, key by key, as an isolate sees it. What it sees becomes a lesson for the key's row only where
 * something changes, so that a poll that finds nothing new goes on to write nothing.
 */
export class UpstreamWatch {
  private readonly keys = new Map<string, Seen>();

  /** An answer came, proper unless there was `trouble`. @param key as the database knows it; null where that was not read. */
  saw(keyId: string, trouble: Trouble | null, key: UpstreamKey | null, now: number): KeyLesson[] {
    const seen = this.keys.get(keyId) ?? { properAt: -Infinity, improperSince: null, notedAt: -Infinity };
    this.keys.set(keyId, seen);
    if (trouble === null) {
      const wasNoted = (key?.troubledSince ?? null) !== null || seen.notedAt > seen.properAt;
      seen.properAt = now;
      seen.improperSince = null;
      return wasNoted ? [{ keyId, what: 'untroubled' }] : [];
    }
    seen.improperSince ??= now;
    const isMixed = now - seen.properAt < QUIET_MS && !trouble.isRefused;
    if (isMixed || now - seen.notedAt < QUIET_MS) return [];
    seen.notedAt = now;
    return [{ keyId, what: 'troubled', since: seen.improperSince, ...trouble }];
  }
}

/** Instants at which something that is limited to a rate may go, handed out by D1 to one invocation. */
export interface Slots {
  /** The first of them. Epoch ms. */
  readonly from: number;
  readonly count: number;
  readonly intervalMs: number;
}

/** Instants are asked for this far ahead: in that time what is held goes, and the next exchange comes. */
export const SLOTS_AHEAD_MS = 1_500;

/** How many instants `due` jobs are worth asking for at once: one at the least. */
export function worthAsking(due: number, intervalMs: number): number {
  return Math.min(due, Math.max(1, Math.floor(SLOTS_AHEAD_MS / intervalMs)));
}

/** The instants that were asked for, of which the one behind the last is `until`. Epoch ms. */
export function slotsUntil(until: number, { count, intervalMs }: Omit<Slots, 'from'>): Slots {
  return { from: until - count * intervalMs, count, intervalMs };
}

/** What is left behind one that goes at `now`. An instant that nobody used in its time is not made up for: who limits counts by windows. */
export function afterUse<Some extends Slots>(slots: Some, now: number): Some {
  const missed = Math.max(0, Math.floor((now - slots.from) / slots.intervalMs));
  const used = Math.min(slots.count, missed + 1);
  return { ...slots, from: slots.from + used * slots.intervalMs, count: slots.count - used };
}

import type { Job } from './job.ts';
import { COPY_LEASE_MS } from './plan.ts';
import type { State } from './state.ts';

/** A lease that is shorter than this is made longer: time enough for an exchange or two that fail. */
const RENEWED_BEFORE_MS = 10_000;

/**
 * Copies take longer than a lease may last after a crash: whoever is at one makes its lease longer while it is.
 * Changes the jobs in hand; the longer leases are written with the next exchange.
 */
export function renewLeases(state: State, now: number): void {
  if (state.isCutOff) return;
  for (const job of copiesOf(state)) {
    if (job.leasedUntil - now >= RENEWED_BEFORE_MS) continue;
    const leasedUntil = now + COPY_LEASE_MS;
    state.add({
      release: { of: 'task', id: job.id, leasedUntil: job.leasedUntil, at: leasedUntil, toQueue: false },
    });
    if (state.held.has(job.id)) state.held.add({ ...job, leasedUntil });
    else state.inFlight.replace({ ...job, leasedUntil });
  }
}

/** When the next lease is to be made longer; `Infinity` where none is. Epoch ms. */
export function nextRenewalAt(state: State): number {
  if (state.isCutOff) return Infinity;
  return Math.min(...copiesOf(state).map(({ leasedUntil }) => leasedUntil - RENEWED_BEFORE_MS));
}

function copiesOf({ held, inFlight }: State): Job[] {
  const waiting = held.count('copy') === 0 ? [] : held.all().filter(({ kind }) => kind === 'copy');
  return [...inFlight.all().filter(({ kind }) => kind === 'copy'), ...waiting];
}

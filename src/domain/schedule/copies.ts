import { isFresh, isSettled, keptUntil } from '../keeping.ts';
import type { CopyJob, Job } from './job.ts';
import type { InvocationPlan } from './plan.ts';
import type { State } from './state.ts';

/** Copies of one invocation at a time: an isolate has 128 MB for everything, and six connections. */
export const MAX_COPIES = 2;
/** A file and three redirects; each is looked up before, where that is configured. */
const MAX_HOPS = 4;
/** While others wait that were not tried yet, a source that gives nothing for so long is put back. */
const SILENT_MS = 1_000;
/** Of two that take longer than this, the one that began later is put back for them: one copy of a large file delays nobody. */
const LONG_MS = 5_000;

/** Requests to D1, of those that are kept for the end: longer leases, and what else is written while a copy is waited for. */
const MAX_BEHIND_END = 2;

interface Copy {
  readonly startedAt: number;
  /** Outgoing requests that it may make. */
  readonly fetches: number;
  movedAt: number;
}

/** The copies under way in one invocation, and when each last got on. Instants are epoch ms. */
export class Copies {
  private readonly copies = new Map<string, Copy>();

  start(id: string, fetches: number, now: number): void {
    this.copies.set(id, { startedAt: now, movedAt: now, fetches });
  }

  /** Some of its file came. */
  moved(id: string, now: number): void {
    const copy = this.copies.get(id);
    if (copy !== undefined) copy.movedAt = now;
  }

  end(id: string): void {
    this.copies.delete(id);
  }

  get(id: string): Readonly<Copy> | null {
    return this.copies.get(id) ?? null;
  }

  /** Whether no other one began earlier. */
  isEldest(id: string): boolean {
    const first = Array.from(this.copies).sort(([, a], [, b]) => a.startedAt - b.startedAt)[0];
    return first?.[0] === id;
  }
}

/** Outgoing requests that a copy may take: what it has not used is given back. */
export function fetchesOfCopy({ lookUps }: Pick<InvocationPlan, 'lookUps'>): number {
  return MAX_HOPS * (1 + lookUps);
}

/** Whether nothing of it is left to fetch: its end is to be told. */
export function isTold(job: CopyJob, now: number): boolean {
  return isSettled(job.task.phase.keeping, now);
}

/**
 * Whether a copy that is under way is put back. Where others wait that were not tried yet: slow sources delay nobody. And where its
 * invocation goes on for its sake alone, and asks D1 too often for that.
 */
export function mustYield({ copies, held, d1 }: State, id: string, now: number): boolean {
  if (d1.left <= -MAX_BEHIND_END) return true;
  const copy = copies.get(id);
  if (copy === null) return false;
  const isSlow = now - copy.movedAt >= SILENT_MS || (now - copy.startedAt >= LONG_MS && !copies.isEldest(id));
  if (!isSlow) return false;
  for (const { lane, jobs } of held.lanes())
    if (lane === 'copy' && jobs.some((job) => job.at <= now && isFreshCopy(job))) return true;
  return false;
}

/** Those go first. */
export function isFreshCopy(job: Job): boolean {
  return job.kind === 'copy' && isFresh(job.task.phase.keeping);
}

/** When a copy is over, whatever became of it; `Infinity` for other jobs. Epoch ms. */
export function overAt(job: Job): number {
  return job.kind === 'copy' ? keptUntil(job.task.phase.keeping) : Infinity;
}

import { laneKeyOf, waitsForPolls } from './job.ts';
import type { Job } from './job.ts';

/** Jobs of one client that wait for the same key or host, the earliest first. */
export interface Group {
  readonly lane: Job['lane'];
  readonly laneKey: string;
  readonly clientId: string;
  readonly jobs: readonly Job[];
}

interface MutableGroup extends Group {
  readonly jobs: Job[];
}

/** Leased jobs that wait here for their instant, their lane or a connection. */
export class Held {
  private readonly groups = new Map<string, MutableGroup>();
  private readonly byId = new Map<string, Job>();
  private readonly counts: Record<Job['kind'], number> = {
    submit: 0,
    poll: 0,
    follow: 0,
    refresh: 0,
    deliver: 0,
    copy: 0,
  };

  get size(): number {
    return this.byId.size;
  }

  count(kind: Job['kind']): number {
    return this.counts[kind];
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  all(): Job[] {
    return Array.from(this.byId.values());
  }

  /** The groups that have something, in no order. */
  lanes(): Iterable<Group> {
    return this.groups.values();
  }

  /** Takes the place of a job of the same row. */
  add(job: Job): void {
    this.remove(job.id);
    const key = groupKey(job);
    let group = this.groups.get(key);
    if (group === undefined) {
      group = { lane: job.lane, laneKey: laneKeyOf(job), clientId: job.clientId, jobs: [] };
      this.groups.set(key, group);
    }
    group.jobs.splice(placeOf(group.jobs, job.at), 0, job);
    this.byId.set(job.id, job);
    this.counts[job.kind]++;
  }

  remove(id: string): Job | null {
    const job = this.byId.get(id);
    if (job === undefined) return null;
    this.byId.delete(id);
    this.counts[job.kind]--;
    const key = groupKey(job);
    const group = this.groups.get(key);
    group?.jobs.splice(group.jobs.indexOf(job), 1);
    if (group?.jobs.length === 0) this.groups.delete(key);
    return job;
  }

  /** Lets go of those whose lease ends before they could be done: somebody else may have them by then. */
  removeExpired(now: number, neededMs: (kind: Job['kind']) => number): Job[] {
    const expired = this.all().filter(({ kind, leasedUntil }) => leasedUntil - now < neededMs(kind));
    for (const { id } of expired) this.remove(id);
    return expired;
  }
}

function groupKey(job: Job): string {
  // What need not wait for a key's polls does not stand behind them.
  const isFree = job.lane === 'upstream' && !waitsForPolls(job);
  return `${job.lane}${isFree ? ' free' : ''} ${laneKeyOf(job)} ${job.clientId}`;
}

/** Behind all that are due no later. */
function placeOf(jobs: readonly Job[], at: number): number {
  let low = 0;
  let high = jobs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((jobs[middle]?.at ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

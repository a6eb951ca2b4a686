import { laneKeyOf } from './job.ts';
import type { Job } from './job.ts';

interface Flight {
  readonly job: Job;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** What one job counts in the moving average of how long they take. */
const NEW_JOB_WEIGHT = 0.1;

/** The jobs under way in one invocation. */
export class InFlight {
  private readonly flights = new Map<string, Flight>();
  private readonly averageMs = { upstream: 0, callback: 0 };

  get size(): number {
    return this.flights.size;
  }

  /** How long requests to upstream take at the moment, in ms; 0 before the first. */
  get upstreamMs(): number {
    return this.averageMs.upstream;
  }

  /** How long callbacks take at the moment, in ms; 0 before the first. */
  get callbackMs(): number {
    return this.averageMs.callback;
  }

  has(id: string): boolean {
    return this.flights.has(id);
  }

  /** The job as it stands: its lease may have been made longer since it began. Null where it is not under way. */
  get(id: string): Job | null {
    return this.flights.get(id)?.job ?? null;
  }

  all(): Job[] {
    return Array.from(this.flights.values(), ({ job }) => job);
  }

  /** The same job under a longer lease. */
  replace(job: Job): void {
    const flight = this.flights.get(job.id);
    if (flight !== undefined) this.flights.set(job.id, { ...flight, job });
  }

  count(test: (job: Job) => boolean): number {
    let count = 0;
    for (const { job } of this.flights.values()) if (test(job)) count++;
    return count;
  }

  /** The pairs of client and host of these jobs. */
  pairs(test: (job: Job) => boolean): (readonly [string, string])[] {
    const jobs = Array.from(this.flights.values(), ({ job }) => job).filter((job) => test(job));
    return jobs.map((job) => [job.clientId, laneKeyOf(job)] as const);
  }

  start(job: Job, now: number): void {
    this.flights.set(job.id, { job, startedAt: now });
  }

  /** How long it took, in ms. */
  end(job: Job, now: number): number {
    const tookMs = now - (this.flights.get(job.id)?.startedAt ?? now);
    this.flights.delete(job.id);
    if (job.lane !== 'copy') this.averageMs[job.lane] += (tookMs - this.averageMs[job.lane]) * NEW_JOB_WEIGHT;
    return tookMs;
  }
}

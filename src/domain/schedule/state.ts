import type { Outcome } from '../outcome.ts';
import type { Budget } from './budget.ts';
import { Copies, fetchesOfCopy } from './copies.ts';
import { cpuOf } from './cpu.ts';
import { Held } from './held.ts';
import { InFlight } from './in-flight.ts';
import { nextFile } from '../keeping.ts';
import { followId, sharedBy } from './job.ts';
import type { Job } from './job.ts';
import { KeyLanes } from './key-lanes.ts';
import type { InvocationPlan } from './plan.ts';
import { ReceiverLanes } from './receiver-lanes.ts';
import { Turns } from './turns.ts';
import { transition } from '../transition.ts';

/** What the last exchange with D1 told of what is to come. */
export interface Outlook {
  /** When the next row comes due that is not due yet; null where none is known. Epoch ms. */
  readonly nextDueAt: number | null;
  /** It gave as much as was asked for: there may be more, and it could go. */
  readonly hasMore: boolean;
  /** More tasks are due than this invocation has room for. */
  readonly isShort: boolean;
  /** The same of tasks that wait in a queue and may go. */
  readonly isShortOfSubmits: boolean;
  /** Tasks wait in a queue; deliveries wait that nobody has; tasks that ended here run upstream. What is not there is not asked for. */
  readonly hasQueue: boolean;
  readonly hasDeliveries: boolean;
  readonly hasAbandoned: boolean;
  /** Nothing was there at all. */
  readonly isEmpty: boolean;
}

/** Anything may be there. */
const NOTHING_KNOWN: Outlook = {
  nextDueAt: null,
  hasMore: false,
  isShort: false,
  isShortOfSubmits: false,
  hasQueue: true,
  hasDeliveries: true,
  hasAbandoned: true,
  isEmpty: false,
};

/** A result that is fetched again counts as so many turns: videos that are new go before those that were there before. */
const POLLS_PER_REFRESH = 4;
/** How long a worker looks for work in vain before it ends. */
const WORKER_IDLE_MS = 5_000;

/** All that one invocation knows. `decide` reads it; the loop around changes it by what happens. */
export class State {
  plan: InvocationPlan;
  /** Outgoing requests that the platform allows the invocation. */
  readonly fetches: Budget;
  /** Requests to D1 that it allows. */
  readonly d1: Budget;
  /** CPU time, in microseconds. */
  readonly cpu: Budget;
  readonly held = new Held();
  readonly inFlight = new InFlight();
  readonly copies = new Copies();
  readonly keys = new KeyLanes();
  readonly receivers = new ReceiverLanes();
  outlook = NOTHING_KNOWN;
  /** The next leg is being called. */
  isCalling = false;
  /** An exchange with D1 is under way. */
  isSyncing = false;
  /** When the last one began, and ended. Epoch ms. */
  syncedAt = -Infinity;
  /** Exchanges in a row that failed. */
  failures = 0;
  /** Nothing more can be done: the platform lets this invocation ask D1 no more, or something broke. */
  isCutOff = false;
  private readonly turns = new Map<string, Turns>();
  private unwritten: Outcome[] = [];
  private readonly pending = new Set<string>();
  private busyAt: number;

  constructor(plan: InvocationPlan, { fetches, d1, cpu }: { fetches: Budget; d1: Budget; cpu: Budget }) {
    this.plan = plan;
    this.fetches = fetches;
    this.d1 = d1;
    this.cpu = cpu;
    this.busyAt = plan.startedAt;
  }

  /** Whether this invocation has the row in hand: held, under way, or with an outcome that D1 does not have yet. */
  hasInHand(id: string): boolean {
    return this.held.has(id) || this.inFlight.has(id) || this.pending.has(id);
  }

  get outcomes(): readonly Outcome[] {
    return this.unwritten;
  }

  add(outcome: Outcome): void {
    this.unwritten.push(outcome);
    for (const id of idsOf(outcome)) this.pending.add(id);
  }

  /** D1 has the first `count` of them. */
  written(count: number): void {
    this.unwritten = this.unwritten.slice(count);
    this.pending.clear();
    for (const outcome of this.unwritten) for (const id of idsOf(outcome)) this.pending.add(id);
  }

  /** Whose turn it is among those that share a lane's connections, or a key. */
  turnsOf(shared: string): Turns {
    return this.turns.get(shared) ?? new Turns();
  }

  /** Takes a job out of what is held: it is under way. */
  start(job: Job, now: number): void {
    this.held.remove(job.id);
    this.inFlight.start(job, now);
    for (const shared of new Set([job.lane, sharedBy(job)])) {
      const turns = this.turnsOf(shared);
      turns.serve(job.clientId, job.kind === 'refresh' ? POLLS_PER_REFRESH : 1);
      this.turns.set(shared, turns);
    }
    const fetches = Math.min(fetchesOf(job, this.plan), Math.max(0, this.fetches.left));
    this.fetches.take(job.kind === 'copy' ? fetches : fetchesOf(job, this.plan));
    this.cpu.take(cpuOf(job));
    this.busyAt = now;
    if (job.kind === 'copy') this.copies.start(job.id, fetches, now);
    else if (job.kind === 'deliver') this.receivers.useSlot(job.work.delivery, now);
    else if (job.kind !== 'submit') this.keys.usePollSlot(job.keyId, now);
  }

  /** The next leg begins at `endsAt`: this one works until then, with all that it may use. Epoch ms. */
  handOver(endsAt: number, now: number): void {
    this.plan = { ...this.plan, endsAt, handOver: null };
    for (const budget of [this.fetches, this.d1, this.cpu]) budget.endBy(endsAt, now);
  }

  /** No leg follows: this invocation works until the end of the tick, with what it may use. */
  goOnAlone(): void {
    this.plan = { ...this.plan, handOver: null };
  }

  /** A held job that is not done is anybody's again; whose lease is over is so already. */
  giveBack(job: Job, now: number): void {
    const { id, kind, leasedUntil } = job;
    if (kind === 'follow' || leasedUntil <= now) return;
    if (job.kind === 'copy' && job.isNews) {
      const next = transition(
        job.task,
        { type: 'copying', keeping: job.task.phase.keeping, dueAt: job.at },
        now,
      );
      if (next !== null) this.add({ task: { task: next } });
      return;
    }
    const of = kind === 'deliver' || kind === 'refresh' ? 'delivery' : 'task';
    const toQueue = job.kind === 'submit' && job.fromQueue;
    this.add({ release: { of, id, leasedUntil, at: now, toQueue } });
  }

  /** Whether it starts nothing any more, as of `now`. */
  isOver(now: number): boolean {
    if (this.isCutOff || now >= this.plan.endsAt) return true;
    if (this.fetches.left <= 0 || this.d1.left <= 0) return true;
    return this.isIdle && now >= this.idleUntil;
  }

  /** When a worker ends that finds nothing to do; `Infinity` for the cron. Epoch ms. */
  get idleUntil(): number {
    return this.plan.role === 'worker' ? this.busyAt + WORKER_IDLE_MS : Infinity;
  }

  /** There was nothing at all when D1 was looked into last, at `now`. */
  foundNothing(now: number): void {
    this.outlook = { ...NOTHING_KNOWN, hasQueue: false, isEmpty: true };
    this.syncedAt = now;
  }

  /** Something is there again, and nobody knows what. */
  foundSomething(): void {
    this.outlook = NOTHING_KNOWN;
  }

  /** Nothing is held, under way or unwritten. */
  get isIdle(): boolean {
    return this.held.size === 0 && this.inFlight.size === 0 && this.unwritten.length === 0;
  }
}

/** The outgoing requests of a job, at the most. */
export function fetchesOf(job: Job, { lookUps }: InvocationPlan): number {
  if (job.lane === 'copy') return nextFile(job.task.phase.keeping) === null ? 0 : fetchesOfCopy({ lookUps });
  return job.lane === 'callback' ? 1 + lookUps : 1;
}

function idsOf({ task, delivery, followed }: Outcome): string[] {
  const following = followed && followId(followed.abandoned);
  return [task?.task.id, delivery?.delivery.id, following].filter((id) => id !== undefined);
}

import { isEnded } from '../domain/task.ts';
import type { Task } from '../domain/task.ts';
import { deliveryClaim, planTurn } from '../domain/turn.ts';
import type { Act } from '../domain/turn.ts';
import type { Claim, Lane } from '../store/due.ts';
import type { Settlement } from '../store/outcomes.ts';
import { actOn } from './act.ts';
import { Budget } from './budget.ts';
import type { EngineDeps } from './deps.ts';
import { HostGate } from './host-gate.ts';
import { InFlight, laneOf } from './in-flight.ts';
import { logLate } from './late-attempt.ts';
import { logError } from './log.ts';
import { together } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/** How long the tick sleeps at the most while nothing is due: a task posted meanwhile is seen within this time. */
const IDLE_MS = 3_000;
/** How long it sleeps at the least: what comes due one after the other is done together. */
const MIN_REST_MS = 20;
/** Callbacks that are looked at for each that may start: behind those of a busy host stand those of others. */
const CALLBACKS_READ = 24;
const LANES = ['callback', 'upstream'] as const satisfies Lane[];

export interface TickReport {
  readonly submits: number;
  readonly polls: number;
  readonly deliveries: number;
  readonly notices: number;
  readonly expired: number;
  /** Turns that ended in an exception: logged, and due again by their claims. */
  readonly errors: number;
}

/** What each act counts as. */
const COUNTED = {
  submit: 'submits',
  poll: 'polls',
  deliver: 'deliveries',
  notify: 'notices',
  expire: 'expired',
} as const;

/**
 * One cron invocation's work: claim what is due, act on it, write the outcomes; until `TICK_SECONDS` are over or
 * `SUBREQUEST_BUDGET` is used. Any number of them may run at once. Nothing in flight is left behind when it returns.
 */
export async function tick(deps: EngineDeps): Promise<TickReport> {
  return await new Tick(deps).run();
}

class Tick {
  private readonly deps: EngineDeps;
  private readonly endsAt: number;
  private readonly budget: Budget;
  private readonly gate = new HostGate();
  private readonly inFlight: InFlight;
  private outcomes: Outcome[] = [];
  private readonly counts = { submits: 0, polls: 0, deliveries: 0, notices: 0, expired: 0, errors: 0 };

  constructor(deps: EngineDeps) {
    const { clock, config } = deps;
    this.deps = deps;
    this.endsAt = clock.now() + config.tickMs;
    this.budget = new Budget(config.subrequestBudget, clock.now(), config.tickMs);
    this.inFlight = new InFlight(this.budget, this.gate);
  }

  async run(): Promise<TickReport> {
    try {
      await this.work();
    } catch (error) {
      // What was sent is written down if that can be done at all: a callback that is not would be sent again.
      await Promise.all(this.inFlight.done);
      await this.flush().catch((again: unknown) =>
        logError('outcomes were not written; their claims run out', again),
      );
      throw error;
    }
    return this.counts;
  }

  private async work(): Promise<void> {
    while (this.mayStart() || this.inFlight.size > 0 || this.outcomes.length > 0) {
      await this.flush();
      const lookedAt = this.deps.clock.now();
      if (this.mayStart()) while (await this.startDue());
      if (this.outcomes.length === 0) await this.rest(lookedAt);
    }
  }

  /** Until its end, and for as long after it as turns from before still run: work goes on while a dead receiver hangs. */
  private mayStart(): boolean {
    const isTime = !this.isLate() || this.inFlight.hasFrom(this.endsAt);
    return this.budget.left > 0 && isTime;
  }

  private isLate(): boolean {
    return this.deps.clock.now() >= this.endsAt;
  }

  /**
   * Claims as many due tasks as can be acted on at once, callbacks first, and starts them. True where it is worth another
   * look: callbacks were started, and behind those that were read stand others, of hosts that may still have room.
   */
  private async startDue(): Promise<boolean> {
    const { stores, clock, config } = this.deps;
    const now = clock.now();
    const free = {
      callback: this.inFlight.free('callback', now),
      upstream: this.inFlight.free('upstream', now),
    };
    if (free.callback + free.upstream === 0) return false;
    const limits = {
      callback: free.callback && CALLBACKS_READ,
      upstream: free.upstream && free.upstream + this.inFlight.size,
    };
    const due = await stores.due.read(now, limits, this.inFlight.openHosts(now, this.isLate()));
    const acts = new Map<string, Act>();
    const claims: Claim[] = [];
    for (const { task, host } of due) {
      const { act, until } = planTurn(task, config, now);
      if (task.delivery !== null) this.gate.learn(task.delivery.host, host);
      // What came back while D1 was read is not written yet: a row that a wake made due again would be done twice.
      const isDone = this.outcomes.some(({ settlement }) => settlement?.task.id === task.id);
      if (isDone || !this.inFlight.reserve(task, act, now)) continue;
      acts.set(task.id, act);
      claims.push({ task, until });
    }
    const owned = new Map((await stores.due.claim(claims)).map((task) => [task.id, task]));
    for (const { task } of claims) {
      const act = acts.get(task.id) ?? 'expire';
      const mine = owned.get(task.id);
      if (mine === undefined) this.inFlight.release(task, act, now);
      else this.start(act, mine);
    }
    const callbacks = due.filter(({ task }) => laneOf(task) === 'callback').length;
    const started = claims.filter(({ task }) => laneOf(task) === 'callback' && owned.has(task.id)).length;
    return callbacks === CALLBACKS_READ && started > 0 && started < free.callback;
  }

  /** Starts a turn in the place that was reserved for it. */
  private start(act: Act, task: Task): void {
    this.counts[COUNTED[act]]++;
    const done = actOn(this.deps, act, task).then(({ outcome, failed }) => {
      if (failed) this.counts.errors++;
      this.inFlight.end(task, act, outcome.answered ?? null, this.deps.clock.now());
      this.outcomes.push(outcome);
    });
    this.inFlight.launch(task, act, done, this.deps.clock.now());
  }

  /**
   * Writes what has come back in one transaction. A task that ended is claimed for its callback in the same write, as far
   * as there is room to send it at once: the shortest way from upstream's end to the receiver.
   */
  private async flush(): Promise<void> {
    const gathered = this.outcomes;
    this.outcomes = [];
    const now = this.deps.clock.now();
    const claimed = new Map<string, Act>();
    const settlements = gathered.flatMap(({ settlement }): Settlement[] => {
      if (settlement === undefined) return [];
      const { task } = settlement;
      const act = this.reserveAtOnce(task, now);
      if (act === null) return [settlement];
      claimed.set(task.id, act);
      return [{ ...settlement, task: { ...task, dueAt: deliveryClaim(task, this.deps.config, now) } }];
    });
    const written = await this.settle(gathered, settlements, now);
    for (const settlement of settlements) {
      const { task } = settlement;
      const act = claimed.get(task.id);
      const isWritten = written.has(task.id);
      if (!isWritten) await logLate(this.deps, settlement);
      if (act !== undefined && isWritten) this.start(act, task);
      else if (act !== undefined) this.inFlight.release(task, act, now);
    }
  }

  /** A place for the callback of a task that has just ended, where its host is known and all have room. */
  private reserveAtOnce(task: Task, now: number): Act | null {
    if (this.isLate() || !this.mayStart() || !isEnded(task) || task.delivery === null) return null;
    if (task.dueAt === null || task.dueAt > now || !this.gate.knows(task.delivery.host)) return null;
    const { act } = planTurn(task, this.deps.config, now);
    return this.inFlight.reserve(task, act, now) ? act : null;
  }

  private async settle(gathered: Outcome[], settlements: Settlement[], now: number): Promise<Set<string>> {
    try {
      const hosts = this.gate.takeChanges();
      return await this.deps.stores.outcomes.settle({ settlements, now, hosts, ...together(gathered) });
    } catch (error) {
      this.outcomes.unshift(...gathered);
      throw error;
    }
  }

  /**
   * Until something in flight comes back or the next row comes due, whichever is sooner. What was due at `lookedAt` and was
   * not started waits for a slot, which a turn that comes back frees, or for its share of the budget.
   */
  private async rest(lookedAt: number): Promise<void> {
    const { clock, stores } = this.deps;
    const turns = this.inFlight.done;
    if (!this.mayStart()) {
      if (turns.length > 0) await Promise.race(turns);
      return;
    }
    const lanes = LANES.filter((lane) => this.inFlight.free(lane, lookedAt) > 0);
    const nextDueAt = (lanes.length > 0 && (await stores.due.nextAfter(lookedAt, lanes))) || Infinity;
    const opensAt = Math.min(this.budget.nextShareAt(lookedAt), this.gate.nextOpening(lookedAt));
    const until = Math.min(nextDueAt, opensAt, lookedAt + IDLE_MS, this.isLate() ? Infinity : this.endsAt);
    const waking = new AbortController();
    const nap = Math.max(MIN_REST_MS, Math.ceil(until - clock.now()));
    await Promise.race([...turns, clock.sleep(nap, waking.signal)]);
    waking.abort();
  }
}

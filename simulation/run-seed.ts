import { deterministicCrypto, withCrypto } from './crypto.ts';
import { Draw } from './draw.ts';
import { invariants } from './invariants/all.ts';
import { MAX_OFFSET_MS, planOf } from './plan.ts';
import { judgeLog } from './relay.ts';
import { look } from './sight.ts';
import type { Invariant, Sight } from './sight.ts';
import { World } from './world.ts';
import type { Watch } from './world.ts';

/** Longer than any schedule of a plan: what is not over by then never will be. */
const LONGEST_MS = 24 * 3_600_000;

type Ask = (invariant: Invariant, sight: Sight) => string | null | undefined;

const ROWS = [
  `select id, client_id, account_id, state, queue_reason, due_at, leased_until, deadline_at, upstream_task_id from tasks
    where completed_at is null or completed_at > (select max(completed_at) from tasks) - 60000`,
  `select id, host, state, due_at, leased_until, attempts, last_status, last_attempt_at from deliveries where state = 'pending'`,
  'select * from upstream_keys',
  'select * from abandoned',
  'select * from receivers where silences > 0 or open_until is not null or recovered_at is not null',
] as const;

export interface SeedReport {
  readonly seed: number;
  /** Hash of everything that happened. */
  readonly digest: string;
  /** What did not hold, or null. */
  readonly violation: { readonly invariant: string; readonly words: string } | null;
  readonly tasks: number;
  readonly ticks: number;
  readonly callbacks: number;
  /** Effects that something happened to. */
  readonly faults: number;
  /** What asked D1, by name and caller. */
  readonly operations: readonly string[];
}

/**
 * Runs one seed from its first post until all is quiet, and holds every invariant against each step. Stops at the first
 * that does not hold.
 *
 * @param print gets the trace, line by line; null where nobody reads it.
 */
export async function runSeed(seed: number, print: ((line: string) => void) | null): Promise<SeedReport> {
  const crypto = deterministicCrypto(new Draw(seed, 'crypto'));
  return await withCrypto(crypto, async () => await new Run(seed, print).toItsEnd());
}

class Run {
  private readonly world: World;
  private readonly checks = invariants();
  private violation: SeedReport['violation'] = null;

  constructor(seed: number, print: ((line: string) => void) | null) {
    const watch: Watch = {
      onFetch: (by, request) => this.check((invariant, sight) => invariant.onFetch?.(sight, by, request)),
      onD1Request: (by) => this.check((invariant, sight) => invariant.onD1Request?.(sight, by)),
      onSend: (send) => this.check((invariant, sight) => invariant.onSend?.(sight, send)),
      inTheCalm: () => this.check((invariant, sight) => invariant.inTheCalm?.(sight)),
    };
    this.world = new World(planOf(seed), watch, print);
  }

  async toItsEnd(): Promise<SeedReport> {
    const { world } = this;
    const { timeline, db, plan, trace, ledger, chaos } = world;
    const startMs = timeline.nowMs;
    await this.listening(async () => {
      world.start();
      const isLate = () => timeline.nowMs - startMs > LONGEST_MS;
      await timeline.run(
        () => this.violation !== null || isLate() || world.isQuiet,
        () => this.afterStep(),
      );
    });
    this.afterStep();
    if (!world.isQuiet) ledger.surprises.push('it never came to rest');
    this.check((invariant, sight) => invariant.atEnd?.(sight));
    const tasks = db.look('select 1 from tasks').length;
    db.close();
    return {
      seed: plan.seed,
      digest: trace.digest(),
      violation: this.violation,
      tasks,
      ticks: ledger.counts.ticks,
      callbacks: ledger.sends.length,
      faults: chaos.count + ledger.counts.deaths,
      operations: Array.from(db.operations),
    };
  }

  private afterStep(): void {
    const { db, ledger } = this.world;
    ledger.surprises.push(...db.mistakes.splice(0));
    if (!db.isTouched && ledger.surprises.length === 0) return;
    db.isTouched = false;
    this.check((invariant, sight) => invariant.afterStep?.(sight));
  }

  private check(ask: Ask): void {
    const {
      db,
      plan,
      ledger,
      clock,
      activeLimits,
      signingSecrets,
      trace,
      upstream,
      timeline,
      calmSince,
      bucket,
    } = this.world;
    const toleranceMs = plan.clockSteps.length === 0 ? 0 : 2 * MAX_OFFSET_MS;
    const relayNow = clock.now();
    const sight = look(db, {
      plan,
      ledger,
      bucket,
      activeLimits,
      signingSecrets,
      relayNow,
      toleranceMs,
      runningUpstream: () => upstream.running(),
      trueNow: timeline.nowMs,
      calmSince,
    });
    for (const invariant of this.checks) {
      const words = asked(ask, invariant, sight);
      if (words === null || this.violation !== null) continue;
      this.violation = { invariant: invariant.name, words };
      trace.add(`VIOLATED: ${invariant.name}: ${words}`);
      this.tellRows();
    }
  }

  /** For whoever replays it: what stands in D1 where something does not hold. */
  private tellRows(): void {
    const { db, trace } = this.world;
    for (const sql of ROWS) for (const row of db.look(sql)) trace.add(JSON.stringify(row));
  }

  /** Ringback's log is part of the trace, and what nobody expects in it is a violation. */
  private async listening(work: () => Promise<void>): Promise<void> {
    const { trace, ledger } = this.world;
    const { error: print, log, warn } = console;
    console.log = console.warn = (line: string) => trace.add(`log: ${line}`);
    console.error = (line: string) => {
      trace.add(`log: ${line}`);
      const surprise = judgeLog(line);
      if (surprise !== null) ledger.surprises.push(surprise);
    };
    try {
      await work();
    } finally {
      Object.assign(console, { error: print, log, warn });
    }
  }
}

/** One that breaks is not kept either: Ringback is not to take that for an error of the network. */
function asked(ask: Ask, invariant: Invariant, sight: Sight): string | null {
  try {
    return ask(invariant, sight) ?? null;
  } catch (error) {
    return `the invariant itself broke: ${String(error)}`;
  }
}

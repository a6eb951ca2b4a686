import { decide } from '../domain/schedule/decide.ts';
import type { Job } from '../domain/schedule/job.ts';
import { CPU_OF_EXCHANGE } from '../domain/schedule/cpu.ts';
import { leases } from '../domain/schedule/plan.ts';
import type { InvocationPlan } from '../domain/schedule/plan.ts';
import { COPY_LEASE_MS } from '../domain/schedule/plan.ts';
import { mustYield } from '../domain/schedule/copies.ts';
import { renewLeases } from '../domain/schedule/renewals.ts';
import { State } from '../domain/schedule/state.ts';
import type { Outcome } from '../domain/outcome.ts';
import { isKeeping } from '../domain/task.ts';
import type { InvocationDeps } from './deps.ts';
import { handOver } from './hand-over.ts';
import { Helpers } from './helpers.ts';
import { logWarning } from './log.ts';
import { perform } from './perform.ts';
import { Signal } from './signal.ts';
import { Sync } from './sync.ts';
import { countOf, emptyReport } from './report.ts';
import type { RunReport } from './report.ts';

/** The loop never spins, even where something decided is not done. */
const MIN_REST_MS = 5;
const MAX_REST_MS = 60_000;

/**
 * One invocation: fetch what is due, do it, write what came of it; until its time is over, or what the platform allows it is used
 * up. `decide` says what is next; this carries it out. Any number may run at once. Nothing in flight is left behind when it
 * returns. Rejects where the database could not be used.
 *
 * @param isEmpty nothing was stored a moment ago that anybody has to act on.
 */
export async function run(deps: InvocationDeps, plan: InvocationPlan, isEmpty = false): Promise<RunReport> {
  const { clock } = deps;
  const state = new State(plan, deps.budgets);
  if (isEmpty) state.foundNothing(plan.startedAt);
  const sync = new Sync(deps, state);
  const signal = new Signal();
  const helpers = new Helpers(deps);
  const report = emptyReport();

  const start = (job: Job): void => {
    state.start(job, clock.now());
    report[countOf(job)]++;
    const granted = state.copies.get(job.id)?.fetches ?? 0;
    const watch = {
      maxFetches: granted,
      moved: () => state.copies.moved(job.id, clock.now()),
      mustYield: () => mustYield(state, job.id, clock.now()),
    };
    void perform(deps, job, state.keys, watch).then((done) => {
      const now = clock.now();
      const { leasedUntil } = state.inFlight.get(job.id) ?? job;
      state.copies.end(job.id);
      const tookMs = state.inFlight.end(job, now);
      if (done.failed) report.errors++;
      if (done.lookUps !== undefined) state.fetches.take(done.lookUps - plan.lookUps);
      if (done.fetches !== undefined) state.fetches.take(done.fetches - granted);
      if (job.kind === 'deliver' && done.answered !== null)
        state.receivers.saw(job.work.delivery, { answered: done.answered, tookMs }, now);
      for (const lesson of done.outcome.lessons ?? []) state.keys.apply(lesson);
      if (done.next !== null) state.held.add({ ...done.next, leasedUntil });
      if (Object.keys(done.outcome).length > 0) state.add(held(done.outcome, state, now));
      signal.raise();
    });
  };

  for (;;) {
    const now = clock.now();
    if (state.isOver(now)) letGo(state, now);
    renewLeases(state, now);
    const decision = decide(state, now);
    if (decision.stop) break;
    if (decision.handOver !== null) {
      void handOver(deps, state, decision.handOver).then((isCalled) => {
        if (!isCalled) report.failed_hand_overs++;
        signal.raise();
      });
    } else if (decision.start !== null) start(decision.start);
    else if (decision.sync) {
      state.cpu.take(CPU_OF_EXCHANGE);
      void sync.run().then(async () => {
        signal.raise();
        await helpers.callFor(state);
      });
    } else
      await signal.sleep(
        clock,
        Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, Math.ceil(decision.sleepUntil - now))),
      );
  }
  if (sync.failure !== null) throw sync.failure.error;
  if (state.d1.left <= 0)
    logWarning('the tick ended early: its requests to D1 are used up; the next one carries on');
  await deps.learning.keep(true);
  return report;
}

/** A task that runs from now on, or is copied, is this invocation's to go on with, by the same write that says so. */
function held(outcome: Outcome, state: State, now: number): Outcome {
  const { task: change } = outcome;
  const { plan } = state;
  if (change !== undefined && isKeeping(change.task) && !state.isOver(now))
    return { ...outcome, task: { ...change, task: { ...change.task, leasedUntil: now + COPY_LEASE_MS } } };
  if (change?.task.phase.state !== 'running' || outcome.running === undefined) return outcome;
  return { ...outcome, task: { ...change, task: { ...change.task, leasedUntil: leases(plan, now).poll } } };
}

/** What is held and was not started is given back, so that the next invocation has it at once. */
function letGo(state: State, now: number): void {
  for (const job of state.held.all()) {
    state.held.remove(job.id);
    state.giveBack(job, now);
  }
}

import type { Decision } from '../../../src/domain/schedule/decide.ts';
import { decide } from '../../../src/domain/schedule/decide.ts';
import type { Job } from '../../../src/domain/schedule/job.ts';
import { laneKeyOf } from '../../../src/domain/schedule/job.ts';
import type { State } from '../../../src/domain/schedule/state.ts';

/** A job, when the database has it to give, and what becomes of it. Durations in ms. */
export interface Work {
  readonly job: Job;
  readonly tookMs: number;
  /** Whether its receiver answers, where it is a callback. */
  readonly answers: boolean;
}

/** How the database answers, one exchange after the other; the last goes on. */
export interface Exchange {
  readonly tookMs: number;
  readonly fails: boolean;
}

/** One decision: what was known, what was decided, and what is under way. */
export interface Moment {
  readonly state: State;
  readonly now: number;
  readonly decision: Decision;
  readonly underWay: readonly Job[];
}

/** What came of an invocation. */
export interface Story {
  readonly started: readonly { readonly job: Job; readonly at: number }[];
  /** When exchanges began. */
  readonly syncs: readonly number[];
  readonly stoppedAt: number;
}

/** More decisions than this, and it goes round in circles. */
const MAX_DECISIONS = 20_000;
/** What an invocation lives in. */
export interface World {
  readonly works: readonly Work[];
  readonly exchanges: readonly Exchange[];
  /** As many rows as one exchange brings. */
  readonly perExchange?: number;
}

/**
 * An invocation from its beginning to its stop, in a world that answers as it is told: the loop of `run` without what it does.
 * Throws where it would sleep for ever, or never rest.
 */
export function live(
  state: State,
  { works, exchanges, perExchange = 20 }: World,
  check: (moment: Moment) => void = () => undefined,
): Story {
  let now = state.plan.startedAt;
  const events: { at: number; happen: () => void }[] = [];
  const underWay = new Map<string, Job>();
  const started: { job: Job; at: number }[] = [];
  const syncs: number[] = [];
  const waiting = [...works];
  const becomes = new Map(works.map((work) => [work.job.id, work]));

  const finish = (job: Job, { answers }: Work): void => {
    underWay.delete(job.id);
    const tookMs = state.inFlight.end(job, now);
    if (job.kind === 'deliver') state.receivers.saw(job.work.delivery, { answered: answers, tookMs }, now);
    state.add({ lessons: [] });
  };
  const exchange = (): void => {
    const { tookMs, fails } = exchanges[Math.min(syncs.length, exchanges.length - 1)] ?? {
      tookMs: 10,
      fails: false,
    };
    syncs.push(now);
    state.isSyncing = true;
    state.syncedAt = now;
    state.d1.take(1);
    const { outcomes } = state;
    const { news } = state.receivers;
    const wantsWork = !state.isOver(now);
    events.push({
      at: now + tookMs,
      happen: () => {
        state.isSyncing = false;
        state.failures = fails ? state.failures + 1 : 0;
        if (state.failures > 5) state.isCutOff = true;
        if (fails) return;
        state.written(outcomes.length);
        state.receivers.written(news);
        if (!wantsWork) return;
        for (const { job } of waiting.splice(0, perExchange)) state.held.add(job);
        const hasMore = waiting.length > 0;
        state.outlook = {
          nextDueAt: null,
          hasMore,
          isShort: hasMore,
          isShortOfSubmits: false,
          hasQueue: false,
          hasDeliveries: false,
          hasAbandoned: false,
          isEmpty: false,
        };
      },
    });
  };

  for (let count = 0; count < MAX_DECISIONS; count++) {
    if (state.isOver(now)) for (const { id } of state.held.all()) state.held.remove(id);
    const decision = decide(state, now);
    check({ state, now, decision, underWay: [...underWay.values()] });
    if (decision.stop) return { started, syncs, stoppedAt: now };
    if (decision.start !== null) {
      const job = decision.start;
      const work = becomes.get(job.id);
      if (work === undefined) throw new Error(`${job.id} was never given`);
      state.start(job, now);
      underWay.set(job.id, job);
      started.push({ job, at: now });
      events.push({ at: now + work.tookMs, happen: () => finish(job, work) });
      continue;
    }
    if (decision.sync) {
      exchange();
      continue;
    }
    const nextAt = Math.min(decision.sleepUntil, ...events.map(({ at }) => at));
    if (nextAt === Infinity) throw new Error('it sleeps for ever');
    now = Math.max(now + 1, nextAt);
    const due = events.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
    for (const event of due) {
      events.splice(events.indexOf(event), 1);
      event.happen();
    }
  }
  throw new Error('it never comes to rest');
}

/** How many of these jobs a client has in a lane, or to one place in it. */
export function countOf(jobs: readonly Job[], lane: Job['lane'], clientId: string, laneKey?: string): number {
  return jobs.filter(
    (job) =>
      job.lane === lane && job.clientId === clientId && (laneKey === undefined || laneKeyOf(job) === laneKey),
  ).length;
}

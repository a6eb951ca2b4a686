import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { durationKeys } from '../../src/domain/duration-key.ts';
import { formatDurations, NO_DURATIONS, observe } from '../../src/domain/durations.ts';
import { taskOf } from '../arena/contender.ts';
import type { Built } from './built.ts';
import { measured, type Measured } from './measured.ts';
import { startMeasured, type MeasuredRelay } from './relay.ts';
import { newClient, poster } from './posts.ts';
import type { Spent } from './spent.ts';

const MINUTE_MS = 60_000;
const WARM_UP_MINUTES = 2;
/** The last leg of a minute is over by then. */
const LEGS_MS = 56_000;
const SECONDS = 90;
/** Durations are what Ringback has learned: with no history it would poll more. */
const SPREAD_SECONDS = 15;
const HISTORY = 300;

/** Where the requests of Ringback go. */
export interface World {
  readonly built: Built;
  readonly upstream: URL;
  readonly sink: URL;
}

/** So many tasks of 90 s at a time, or none. */
export interface Minutes {
  readonly name: string;
  readonly tasks: number;
  /** Each cron run is the first of its isolate; else all are of one, that has run crons before. */
  readonly isFresh: boolean;
}

/** What an isolate takes for an invocation, which is a cron run or a leg; and what cron runs did in theirs: polls, and requests to D1. */
export interface MeasuredMinutes {
  readonly cpu: Measured;
  readonly polls: readonly number[];
  readonly d1Requests: readonly number[];
  /** How many there were in each minute. */
  readonly invocations: readonly number[];
  readonly calibrations: readonly number[];
}

/**
 * Cron runs, one a minute, with the legs that follow them. Time passes really: the profiler counts what runs, and nothing else. Tasks are posted to another
 * isolate, evenly, so that always as many run; the first two minutes, until some have ended, are not measured.
 */
export async function measureMinutes(
  { built, upstream, sink }: World,
  { name, tasks, isFresh }: Minutes,
  minutes: number,
): Promise<MeasuredMinutes> {
  const relay = await startMeasured(built, upstream, isFresh ? 1 + minutes : 1);
  const stopping = new AbortController();
  try {
    const posting = tasks === 0 ? null : keepRunning(relay, { tasks, sink, signal: stopping.signal });
    await posting?.begun;
    const spent: Spent[] = [];
    const counts: TickCounts[] = [];
    const invocations: number[] = [];
    for (let minute = 0; minute < WARM_UP_MINUTES + minutes; minute++) {
      const over = sleep(MINUTE_MS);
      const isMeasured = minute >= WARM_UP_MINUTES;
      const isolate = isFresh && isMeasured ? 1 + minute - WARM_UP_MINUTES : 0;
      // What that takes is measured apart.
      await relay.evaluate(isolate);
      const before = await relay.invocations(isolate);
      const one = await relay.profiled(
        isolate,
        async () => await Promise.all([relay.tick(isolate), sleep(LEGS_MS)]),
      );
      if (isMeasured) {
        spent.push(one);
        invocations.push((await relay.invocations(isolate)) - before);
        counts.push(await lastTick(relay));
      }
      await over;
    }
    stopping.abort();
    await posting?.ended;
    return {
      cpu: measured(name, spent, invocations),
      polls: counts.map(({ polls }) => polls),
      d1Requests: counts.map(({ d1_requests: requests }) => requests),
      invocations,
      calibrations: relay.calibrations,
    };
  } finally {
    stopping.abort();
    await relay.stop();
  }
}

const tickShape = z.object({ polls: z.number(), d1_requests: z.number() });
type TickCounts = z.infer<typeof tickShape>;

/** What the last cron run says that it did. */
async function lastTick({ miniflare }: MeasuredRelay): Promise<TickCounts> {
  const db = await miniflare.getD1Database('DB', 'http');
  return tickShape.parse(JSON.parse(String(await db.prepare('select counts from ticks').first('counts'))));
}

/** Posts tasks for as long as it is not told to stop, the first ones as if they had been posted before. */
function keepRunning(
  relay: MeasuredRelay,
  { tasks, sink, signal }: { tasks: number; sink: URL; signal: AbortSignal },
): { begun: Promise<void>; ended: Promise<void> } {
  const post = newClient(relay, 'http').then((key) => poster(relay, key, sink));
  const begun = (async () => {
    await learn(relay);
    const send = await post;
    for (let task = 1; task <= tasks; task++) await send((SECONDS * task) / tasks);
  })();
  const ended = (async () => {
    await begun;
    const send = await post;
    for (let task = 0; !signal.aborted; task++) {
      await sleep((SECONDS * 1_000) / tasks, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await send(durationOf(task));
    }
  })();
  return { begun, ended };
}

/** From 75 to 105 s, always the same. */
function durationOf(task: number): number {
  return SECONDS - SPREAD_SECONDS + ((task * 13) % (2 * SPREAD_SECONDS + 1));
}

/** What Ringback would know of such tasks by and by. */
async function learn({ miniflare }: MeasuredRelay): Promise<void> {
  const { model, input } = taskOf({ seconds: SECONDS });
  const ms = Array.from({ length: HISTORY }, (_, task) => durationOf(task) * 1_000);
  const db = await miniflare.getD1Database('DB', 'http');
  for (const key of durationKeys({ model, input: z.record(z.string(), z.json()).parse(input) }))
    await db
      .prepare('insert into durations (key, histogram, revision, updated_at) values (?1, ?2, 1, ?3)')
      .bind(key, formatDurations(observe(NO_DURATIONS, ms)), Date.now())
      .run();
}

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { seededRandom } from '../sandbox/upstream/random.ts';
import { sampleTask } from '../scripts/sample.ts';
import { promptOf, resultOf } from './kept.ts';
import type { Job } from './plan.ts';
import type { Relay } from './relay.ts';

/** Longer than Ringback takes where upstream is silent. */
const PATIENCE_MS = 20_000;
/** From its first post on; what is not accepted by then is lost. */
const GIVES_UP_AFTER_MS = 90_000;
/** A caller who hangs up does so by then. */
const HANGS_UP_WITHIN_MS = 300;
const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 1_200;
const ACCEPTED = new Set([200, 202]);

const taskShape = z.object({ id: z.string() });

/** What a caller has come to. */
export interface Told {
  readonly job: Job;
  /** The tasks that its answers named: one, if all is well. */
  readonly ids: Set<string>;
  acceptedAt: number;
  posts: number;
  /** Posts that met no answer: Ringback was killed, or the caller hung up. */
  unanswered: number;
  /** Posts that were answered with a 5xx. */
  unavailable: number;
  /** When Ringback was first posted to again with the same key, without a kill or a hanging up since; null before that. */
  retryingSince: number | null;
  /** An answer that nobody should get. */
  problem: string | null;
}

export interface CallersOptions {
  relay: Relay;
  key: string;
  urlOf: (job: number) => string;
  /** How many posts are hung up on, from 0 to 1. */
  hangUpRate: number;
  seed: number;
}

/** How long its last retry waited for its task, in ms; null where the first post was answered, or none was. */
export function retryMs({ ids, acceptedAt, retryingSince }: Told): number | null {
  return ids.size === 0 || retryingSince === null ? null : acceptedAt - retryingSince;
}

/**
 * Posts each job at its instant, with an idempotency key of its own, and again with the same key until it is accepted. A
 * caller who has hung up never saw an answer, and posts again.
 */
export async function postAll(jobs: readonly Job[], options: CallersOptions): Promise<Told[]> {
  const random = seededRandom(options.seed);
  return await Promise.all(
    jobs.map(async (job) => {
      const told: Told = {
        job,
        ids: new Set(),
        acceptedAt: 0,
        posts: 0,
        unanswered: 0,
        unavailable: 0,
        retryingSince: null,
        problem: null,
      };
      await sleep(job.atMs);
      const deadline = Date.now() + GIVES_UP_AFTER_MS;
      while (told.ids.size === 0 && told.problem === null && Date.now() < deadline) {
        await post(told, options, random);
        if (told.ids.size === 0) await sleep(MIN_PAUSE_MS + random() * (MAX_PAUSE_MS - MIN_PAUSE_MS));
      }
      return told;
    }),
  );
}

async function post(told: Told, options: CallersOptions, random: () => number): Promise<void> {
  const { job } = told;
  const hangsUp = random() < options.hangUpRate;
  const patienceMs = hangsUp ? random() * HANGS_UP_WITHIN_MS : PATIENCE_MS;
  told.posts += 1;
  if (told.posts > 1) told.retryingSince ??= Date.now();
  const { dies } = options.relay;
  // A timer of its own: signals made of signals can be collected before they fire.
  const hangUp = new AbortController();
  const timer = setTimeout(() => hangUp.abort(), patienceMs);
  try {
    const prompt = promptOf(job);
    const response = await fetch(options.relay.url('/v1/tasks'), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${options.key}`,
        'content-type': 'application/json',
        'idempotency-key': `job-${job.index}`,
      },
      body: JSON.stringify({
        ...sampleTask(new URL(options.urlOf(job.index))),
        input: { prompt, resolution: '720p', duration: 5 },
        keep_result: resultOf(job) !== null,
      }),
      signal: hangUp.signal,
    });
    take(told, response.status, await response.text());
  } catch {
    told.unanswered += 1;
    // Nobody could have answered, or nobody listened: the next one is a retry of its own.
    if (hangsUp || dies.aborted) told.retryingSince = null;
  } finally {
    clearTimeout(timer);
  }
}

function take(told: Told, status: number, text: string): void {
  if (ACCEPTED.has(status)) {
    told.ids.add(taskShape.parse(JSON.parse(text)).id);
    told.acceptedAt = Date.now();
  } else if (status >= 500) told.unavailable += 1;
  else told.problem = `job ${told.job.index} was answered ${status}: ${text}`;
}

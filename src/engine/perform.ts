import type { Outcome } from '../domain/outcome.ts';
import { nextPollOf } from '../domain/poll-schedule.ts';
import { jobOfDelivery } from '../domain/schedule/job.ts';
import type { Job, UpstreamJob } from '../domain/schedule/job.ts';
import type { KeyLanes } from '../domain/schedule/key-lanes.ts';
import type { CopyWatch } from '../files/cut.ts';
import { copyNext } from './copy.ts';
import type { EngineDeps } from './deps.ts';
import { deliver } from './deliver.ts';
import { logError } from './log.ts';
import { askForRecord, lessonsOfRecord, outcomeOfFollow, outcomeOfPoll } from './poll.ts';
import { askUpstream, outcomeOfCreate } from './submit.ts';

/** What a job leaves. */
export interface Performed {
  readonly outcome: Outcome;
  /** What is to be done next under the same lease; null where nothing is. */
  readonly next: Job | null;
  /** Whether the receiver answered at all; null where nothing was sent to one. */
  readonly answered: boolean | null;
  readonly lookUps?: number;
  /** Outgoing requests that a copy took; absent for other jobs. */
  readonly fetches?: number;
  /** It broke: it is logged, and its row comes due again with the end of its lease. */
  readonly failed: boolean;
}

const NOTHING = { outcome: {}, next: null, answered: null, failed: false } as const;

/**
 * Does one job: one request to upstream or to a receiver, or one file into the bucket, and no request to D1. Never rejects.
 *
 * @param watch of a copy: what it tells of itself, and is told.
 */
export async function perform(
  deps: EngineDeps,
  job: Job,
  keys: KeyLanes,
  watch: CopyWatch,
): Promise<Performed> {
  try {
    if (job.lane === 'copy') return { ...NOTHING, ...(await copyNext(deps, job, watch)) };
    if (job.lane === 'upstream') return await performUpstream(deps, job, keys);
    const { change, ...rest } = await deliver(deps, job.work, job.leasedUntil);
    return { ...NOTHING, outcome: { delivery: change }, ...rest };
  } catch (error) {
    const whose = { job: job.kind, id: job.id, client_id: job.clientId };
    logError('a job broke; it is due again by itself', error, whose);
    return { ...NOTHING, failed: true };
  }
}

async function performUpstream(deps: EngineDeps, job: UpstreamJob, keys: KeyLanes): Promise<Performed> {
  const key = keys.get(job.keyId);
  switch (job.kind) {
    case 'submit': {
      const answer = await askUpstream(deps, job.task, key);
      return { ...NOTHING, outcome: outcomeOfCreate(deps, job.task, answer, key) };
    }
    case 'poll': {
      const task = deps.pollCounts.count(job.task, deps.clock.now());
      const answer = await askForRecord(deps, job.keyId, key, task.phase.upstreamTaskId);
      const outcome = outcomeOfPoll(deps, task, answer, key);
      return {
        ...NOTHING,
        outcome: outcome ?? {},
        next: outcome?.task === undefined ? nextPoll(deps, job) : null,
      };
    }
    case 'follow': {
      const answer = await askForRecord(deps, job.keyId, key, job.abandoned.upstreamTaskId);
      return { ...NOTHING, outcome: outcomeOfFollow(deps, job, answer, key) };
    }
    case 'refresh':
      return await refresh(deps, job, keys);
  }
}

/** The same task's next poll, where it comes before the lease is over. */
function nextPoll(deps: EngineDeps, job: Extract<UpstreamJob, { kind: 'poll' }>): Job | null {
  const { phase, deadlineAt } = job.task;
  const at = nextPollOf(
    phase,
    deps.clock.now(),
    deps.config,
    deps.learning.known.of(job.task, phase.submittedAt),
  );
  const planned = {
    ...job,
    at: Math.min(at, Math.max(deadlineAt, deps.clock.now() + deps.config.pollMinMs)),
  };
  return planned.at < job.leasedUntil ? planned : null;
}

/** Fetches the result once more, and has the delivery sent with it; where upstream cannot be asked, with the one of before. */
async function refresh(
  deps: EngineDeps,
  job: Extract<UpstreamJob, { kind: 'refresh' }>,
  keys: KeyLanes,
): Promise<Performed> {
  const { work, leasedUntil } = job;
  const { keyId } = job;
  const key = keys.get(keyId);
  const phase = work.task?.phase;
  const upstreamTaskId = phase !== undefined && 'upstreamTaskId' in phase ? phase.upstreamTaskId : null;
  const answer = await askForRecord(deps, keyId, key, upstreamTaskId ?? '');
  const now = deps.clock.now();
  const refreshed = answer.kind === 'ended' ? answer.end : null;
  const lessons = lessonsOfRecord(deps, answer, { keyId, key }, now);
  // Limited: it waits as polls do, and is fetched again.
  if (answer.kind === 'limited') return { ...NOTHING, outcome: { lessons }, next: job };
  const delivery = { ...work.delivery, refresh: false };
  return {
    ...NOTHING,
    outcome: { lessons },
    next: jobOfDelivery({ ...work, delivery, refreshed }, now, leasedUntil),
  };
}

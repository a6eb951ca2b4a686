import { isFreshCopy, isTold, MAX_COPIES } from './copies.ts';
import { cpuOf, waitsForCpuUntil } from './cpu.ts';
import { waitsForPolls } from './job.ts';
import type { CopyJob, DeliverJob, Job, UpstreamJob } from './job.ts';
import { AROUND_CALLBACK_MS, UPSTREAM_TIMEOUT_MS } from './plan.ts';
import { fetchesOf } from './state.ts';
import type { State } from './state.ts';

/** The platform lets 6 connections of an invocation wait for headers (https://developers.cloudflare.com/workers/platform/limits/). */
const MAX_CONNECTIONS = 6;
const MAX_UPSTREAM = 4;
/** One less than all: receivers never keep tasks from being polled. */
const MAX_CALLBACKS = 5;
/** To one host, for one client, while it answers in good time; one otherwise. */
const MAX_TO_RECEIVER = 3;
/** To hosts that are not known to answer in good time: all of them, and those of one client. */
const MAX_UNPROVEN = 4;
const MAX_UNPROVEN_OF_CLIENT = 3;
/** Of these to hosts that met the last one with silence, and to hosts that answered slowly, of one client each. */
const MAX_SILENT_OF_CLIENT = 1;
const MAX_SLOW_OF_CLIENT = 1;
/** Results that are fetched again at once, of one client. */
const MAX_REFRESHES_OF_CLIENT = 10;

/** A result that is fetched again is sent under the same lease, unless upstream takes longer than this; then both are done again. */
const USUAL_REFRESH_MS = 4_000;

/** Whether a job may start at `now`: the only place that knows limits. */
export function mayStart(state: State, job: Job, now: number): boolean {
  if (job.at > now || !isLeaseLongEnough(state, job, now)) return false;
  switch (job.lane) {
    case 'upstream':
      return mayAskUpstream(state, job, now);
    case 'callback':
      return mayCallBack(state, job, now);
    case 'copy':
      return mayCopy(state, job, now);
  }
}

/** How much of its lease a job takes. */
export function neededMs(state: State, kind: Job['kind']): number {
  // The lease of a copy is made longer while it is under way.
  if (kind === 'poll' || kind === 'follow' || kind === 'copy') return 1;
  if (kind === 'submit') return UPSTREAM_TIMEOUT_MS;
  const sendMs = state.plan.callbackTimeoutMs + AROUND_CALLBACK_MS;
  return kind === 'deliver' ? sendMs : sendMs + USUAL_REFRESH_MS;
}

function isLeaseLongEnough(state: State, job: Job, now: number): boolean {
  return job.leasedUntil - now >= neededMs(state, job.kind);
}

function mayAskUpstream(state: State, job: UpstreamJob, now: number): boolean {
  const { inFlight, fetches, cpu } = state;
  if (cpu.share(now) < cpuOf(job) && now < waitsForCpuUntil(job)) return false;
  if (inFlight.count(({ lane }) => lane === 'upstream') >= MAX_UPSTREAM || fetches.share(now) < 1)
    return false;
  if (inFlight.size + keptForCallbacks(state, now) >= MAX_CONNECTIONS) return false;
  if (job.kind === 'refresh' && isRefreshing(state, job.clientId)) return false;
  return isKeyOpen(state, job, now);
}

/** Whether what upstream said of its key, a pause or a rate, lets a job go. */
export function isKeyOpen({ keys }: State, job: UpstreamJob, now: number): boolean {
  if (job.kind === 'submit') return keys.nextSubmitAt(job.keyId) <= now;
  return !waitsForPolls(job) || keys.nextPollAt(job.keyId) <= now;
}

/** While no callback to a receiver that answers is under way, a place is kept for one. */
function keptForCallbacks(state: State, now: number): number {
  return callbacks(state) <= unproven(state, now) ? 1 : 0;
}

function mayCopy(state: State, job: CopyJob, now: number): boolean {
  if (isTold(job, now)) return true;
  const { inFlight, fetches } = state;
  if (inFlight.count(({ lane }) => lane === 'copy') >= MAX_COPIES || fetches.left < 1) return false;
  if (inFlight.size + keptForCallbacks(state, now) >= MAX_CONNECTIONS) return false;
  // Somebody waits for the first try; what is tried again can wait.
  return isFreshCopy(job) || fetches.share(now) >= 1;
}

function isRefreshing({ inFlight }: State, clientId: string): boolean {
  const others = inFlight.count((job) => job.kind === 'refresh' && job.clientId === clientId);
  return others >= MAX_REFRESHES_OF_CLIENT;
}

function mayCallBack(state: State, job: DeliverJob, now: number): boolean {
  const { inFlight, fetches, receivers, plan } = state;
  const { delivery } = job.work;
  if (inFlight.size >= MAX_CONNECTIONS || callbacks(state) >= MAX_CALLBACKS) return false;
  // A first attempt is never held back for a budget's pace; what is tried again can wait.
  const needed = fetchesOf(job, plan);
  if (fetches.left < needed || (delivery.attempts > 0 && fetches.share(now) < 1)) return false;
  if (receivers.isOpen(delivery, now) || receivers.nextCallAt(delivery) > now) return false;
  const isOfClient = (other: Job): boolean => other.lane === 'callback' && other.clientId === job.clientId;
  const toReceiver = inFlight.count(
    (other) => isOfClient(other) && other.lane === 'callback' && other.work.delivery.host === delivery.host,
  );
  const standing = receivers.standing(delivery, now);
  if (standing === 'proven') return toReceiver < MAX_TO_RECEIVER;
  if (toReceiver >= 1 || unproven(state, now) >= MAX_UNPROVEN) return false;
  if (unproven(state, now, job.clientId) >= MAX_UNPROVEN_OF_CLIENT) return false;
  const alike = inFlight.count(
    (other) =>
      isOfClient(other) &&
      other.lane === 'callback' &&
      receivers.standing(other.work.delivery, now) === standing,
  );
  if (standing === 'silent') return alike < MAX_SILENT_OF_CLIENT;
  return standing === 'unknown' || alike < MAX_SLOW_OF_CLIENT;
}

function callbacks({ inFlight }: State): number {
  return inFlight.count(({ lane }) => lane === 'callback');
}

/** Callbacks under way to receivers that are not known to answer in good time; of one client, if one is given. */
function unproven({ inFlight, receivers }: State, now: number, clientId: string | null = null): number {
  return inFlight.count(
    (job) =>
      job.lane === 'callback' &&
      (clientId === null || job.clientId === clientId) &&
      receivers.standing(job.work.delivery, now) !== 'proven',
  );
}

import type { Client } from '../../../src/domain/client.ts';
import type { Delivery } from '../../../src/domain/delivery.ts';
import { filesToCopy } from '../../../src/domain/keeping.ts';
import { Budget } from '../../../src/domain/schedule/budget.ts';
import type { CopyJob, DeliverJob, DeliveryWork, UpstreamJob } from '../../../src/domain/schedule/job.ts';
import type { InvocationPlan } from '../../../src/domain/schedule/plan.ts';
import { State } from '../../../src/domain/schedule/state.ts';
import type { UpstreamKey } from '../../../src/domain/upstream-key.ts';
import { accepting, keeping, running, sampleDelivery, succeeded, T0 } from '../sample-task.ts';

export const MINUTE_MS = 55_000;

export function samplePlan(changes: Partial<InvocationPlan> = {}): InvocationPlan {
  return {
    role: 'cron',
    startedAt: T0,
    endsAt: T0 + MINUTE_MS,
    handOver: null,
    isAlone: true,
    looks: { idleMs: 3_000, busyMs: 1_000, queueMs: 3_000 },
    lookUps: 0,
    callbackTimeoutMs: 15_000,
    ...changes,
  };
}

interface Budgets {
  readonly fetches?: number;
  readonly fetchBurst?: number;
  readonly d1?: number;
  readonly d1Burst?: number;
  readonly cpu?: number;
}

/** What an invocation knows that has just begun; with more than enough of everything, unless told otherwise. */
export function sampleState(changes: Partial<InvocationPlan> = {}, budgets: Budgets = {}): State {
  const plan = samplePlan(changes);
  const { startedAt } = plan;
  const spanMs = plan.endsAt - startedAt;
  const { fetches = 9_000, fetchBurst = 6, d1 = 900, d1Burst = 300, cpu = 30_000_000 } = budgets;
  return new State(plan, {
    fetches: new Budget({ total: fetches, burst: fetchBurst, startedAt, spanMs }),
    d1: new Budget({ total: d1, burst: d1Burst, startedAt, spanMs }),
    cpu: new Budget({ total: cpu, burst: cpu / 2, startedAt, spanMs }),
  });
}

export function sampleKey(changes: Partial<UpstreamKey> = {}): UpstreamKey {
  return {
    id: 'key',
    sealedKey: null,
    pollPausedUntil: 0,
    pollIntervalMs: null,
    activeLimit: null,
    isFailing: false,
    troubledSince: null,
    isExhausted: false,
    ...changes,
  };
}

export function sampleClient(id: string, changes: Partial<Client> = {}): Client {
  return {
    id,
    name: id,
    keyHash: `hash of ${id}`,
    signingSecret: 'sealed',
    previousSigningSecret: null,
    previousSecretUntil: null,
    olderSigningSecrets: null,
    accountId: 'key',
    maxActiveTasks: null,
    dailyCreditLimit: null,
    maxQueuedTasks: 10_000,
    callbackJwt: 0,
    keepResults: 1,
    failureCallbackUrl: null,
    createdAt: T0,
    revokedAt: null,
    ...changes,
  };
}

/** What tells one job from another; the rest is as for any. */
export interface JobChanges {
  readonly id?: string;
  readonly clientId?: string;
  readonly keyId?: string;
  readonly at?: number;
  readonly leasedUntil?: number;
}

let made = 0;

function common({ id, clientId = 'client_1', at = T0, leasedUntil = T0 + MINUTE_MS }: JobChanges) {
  return { id: id ?? `row_${++made}`, clientId, at, leasedUntil };
}

function upstream(changes: JobChanges) {
  return { ...common(changes), lane: 'upstream', keyId: changes.keyId ?? 'key' } as const;
}

export function submitJob(changes: JobChanges = {}): UpstreamJob {
  return { ...upstream(changes), kind: 'submit', task: accepting(), fromQueue: false };
}

export function pollJob(changes: JobChanges = {}): UpstreamJob {
  return { ...upstream(changes), kind: 'poll', task: running() };
}

/** One file, of a task that upstream has ended at `T0`. */
export function copyJob(changes: JobChanges = {}): CopyJob {
  const files = filesToCopy(['https://files.example.com/1.mp4'], T0, () => 'capability');
  const task = keeping({ since: T0, resultJson: null, completedAt: T0, costTimeMs: null, files });
  return { ...common(changes), lane: 'copy', kind: 'copy', task, isNews: false };
}

export function followJob(changes: JobChanges = {}): UpstreamJob {
  const { clientId = 'client_1', keyId = 'key' } = changes;
  const abandoned = { keyId, clientId, upstreamTaskId: 'up_1', until: T0 + 600_000 };
  return { ...upstream(changes), kind: 'follow', abandoned };
}

function workOf(clientId: string, changes: Partial<Delivery>): DeliveryWork {
  const host = changes.host ?? 'hooks.example.com';
  const delivery = sampleDelivery({ clientId, host, url: `https://${host}/1`, ...changes });
  return { delivery, task: succeeded(), client: sampleClient(clientId), subscription: null, refreshed: null };
}

export function refreshJob(changes: JobChanges = {}, delivery: Partial<Delivery> = {}): UpstreamJob {
  const { clientId = 'client_1' } = changes;
  return { ...upstream(changes), kind: 'refresh', work: workOf(clientId, delivery) };
}

export function deliverJob(changes: JobChanges = {}, delivery: Partial<Delivery> = {}): DeliverJob {
  const job = common(changes);
  return { ...job, lane: 'callback', kind: 'deliver', work: workOf(job.clientId, delivery) };
}

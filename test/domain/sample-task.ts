import type { Keeping } from '../../src/domain/keeping.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import { webhookId } from '../../src/domain/ids.ts';
import { NEW_ROUND } from '../../src/domain/retry-schedule.ts';
import { NO_POLLS } from '../../src/domain/task.ts';
import type {
  CallbackTarget,
  QueueReason,
  EndedPhase,
  EndedTask,
  KeepingTask,
  Phase,
  RunningTask,
  Task,
  UnsentTask,
} from '../../src/domain/task.ts';

/** When the sample tasks were made. */
export const T0 = Date.UTC(2026, 10, 22, 15);
export const HOUR = 3_600_000;

const ID = 'task_01kapzk2rfq7w3v5x8n0c4t6ym';

/** A task of an hour's time limit, whose end is to be called back. */
export function sampleTask<P extends Phase>(
  phase: P,
  changes: Partial<Omit<Task, 'phase'>> = {},
): Task & { phase: P } {
  return {
    id: ID,
    clientId: 'client_1',
    accountId: 'operator',
    model: 'seedance-2.0-reference-to-video',
    media: 'video',
    input: { prompt: 'a fox' },
    metadata: { row: '42' },
    idempotencyKey: null,
    fingerprint: null,
    estimatedCredits: 400,
    createdAt: T0,
    deadlineAt: T0 + HOUR,
    revision: 3,
    dueAt: T0,
    leasedUntil: 0,
    problem: null,
    polls: NO_POLLS,
    callback: sampleTarget(),
    filesOrigin: null,
    ...changes,
    phase,
  };
}

export function sampleTarget(changes: Partial<CallbackTarget> = {}): CallbackTarget {
  return {
    url: 'https://hooks.example.com/42',
    host: 'hooks.example.com',
    sealedHeaders: null,
    format: 'event',
    relayHost: 'relay.example.com',
    ...changes,
  };
}

/** The callback of a task that succeeded 90 s after it was made; nothing was sent yet. */
export function sampleDelivery(changes: Partial<Delivery> = {}): Delivery {
  return {
    id: webhookId(ID),
    taskId: ID,
    clientId: 'client_1',
    kind: 'callback',
    subscriptionId: null,
    event: 'task.succeeded',
    url: 'https://hooks.example.com/42',
    host: 'hooks.example.com',
    about: null,
    alert: null,
    createdAt: T0 + 92_000,
    occurredAt: T0 + 90_000,
    revision: 3,
    dueAt: T0 + 92_000,
    leasedUntil: 0,
    state: 'pending',
    attempts: 0,
    lastStatus: null,
    lastAttemptAt: null,
    deliveredAt: null,
    round: NEW_ROUND,
    refresh: false,
    refreshedAt: null,
    ...changes,
  };
}

export function accepting(changes: Partial<Omit<Task, 'phase'>> = {}): UnsentTask {
  return sampleTask({ state: 'accepting' } as const, changes);
}

export function queued(
  tries = 1,
  changes: Partial<Omit<Task, 'phase'>> = {},
  reason: QueueReason = 'full',
): UnsentTask {
  return sampleTask({ state: 'queued', reason, tries } as const, changes);
}

/** Submitted two seconds after it was made. */
export function running(
  changes: Partial<Omit<Task, 'phase'>> = {},
  missingSince: number | null = null,
  unlinkedSince: number | null = null,
): RunningTask {
  const submitted = { upstreamTaskId: 'up_1', submittedAt: T0 + 2_000 };
  return sampleTask(
    { state: 'running', ...submitted, missingSince, unlinkedSince, keeping: null } as const,
    changes,
  );
}

/** Upstream has ended it, and its files are copied. */
export function keeping(what: Keeping, changes: Partial<Omit<Task, 'phase'>> = {}): KeepingTask {
  const { phase, ...task } = running({ filesOrigin: 'https://relay.example.com', ...changes });
  return { ...task, phase: { ...phase, keeping: what } };
}

const TRACE = { upstreamTaskId: 'up_1', submittedAt: T0 + 2_000, completedAt: T0 + 90_000 };

/** Succeeded after 90 s. */
export function succeeded(changes: Partial<Omit<Task, 'phase'>> = {}): EndedTask {
  const resultJson = '{"resultUrls":["https://cdn.example.com/1.mp4"]}';
  const phase: EndedPhase = {
    ...TRACE,
    state: 'succeeded',
    resultJson,
    error: null,
    costTimeMs: 80_000,
    kept: null,
  };
  return sampleTask(phase, { dueAt: null, ...changes });
}

/** Failed upstream after 90 s. */
export function failed(changes: Partial<Omit<Task, 'phase'>> = {}): EndedTask {
  const error = { code: 'upstream_failed', message: 'Content policy.', upstreamCode: '400' } as const;
  const phase: EndedPhase = { ...TRACE, state: 'failed', resultJson: null, error, costTimeMs: null };
  return sampleTask(phase, { dueAt: null, ...changes });
}

/** Canceled before upstream took it. */
export function canceled(changes: Partial<Omit<Task, 'phase'>> = {}): EndedTask {
  const phase: EndedPhase = {
    state: 'canceled',
    upstreamTaskId: null,
    submittedAt: null,
    completedAt: T0 + 5_000,
    costTimeMs: null,
    resultJson: null,
    error: null,
  };
  return sampleTask(phase, { dueAt: null, ...changes });
}

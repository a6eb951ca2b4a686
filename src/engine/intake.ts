import { canonicalJson } from '../domain/canonical-json.ts';
import type { Client } from '../domain/client.ts';
import type { Task } from '../domain/task.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import type { UpstreamKey } from '../domain/upstream-key.ts';
import type { Stored } from '../store/insert-task.ts';
import type { Shortage } from '../store/stock.ts';
import { accepted, submitFirst } from './first-submit.ts';
import type { FirstSubmit } from './first-submit.ts';
import { join } from './join.ts';
import { newTask } from './new-task.ts';
import type { IntakeDeps, Said, TaskRequest } from './new-task.ts';

export type IntakeResult =
  | FirstSubmit
  /** The same key and the same body came before. */
  | { readonly kind: 'replayed'; readonly task: TaskWithDelivery }
  /** The same key came before with another body. */
  | { readonly kind: 'key-conflict' }
  /** The client's own key was revoked or replaced since it was looked up. */
  | { readonly kind: 'key-revoked' }
  | { readonly kind: 'over-credit-limit'; readonly limit: number; readonly left: number }
  /** As much of the client is here as may be. */
  | { readonly kind: 'no-room'; readonly shortage: Shortage }
  /** The client has a daily limit, which a task of unknown cost would get around. */
  | { readonly kind: 'unknown-cost' };

/** What was counted against a task is counted anew where it is in its way: that may be over with the first try. */
const MAX_TRIES = 5;

/**
 * Accepts a task: in D1 first, then to upstream, then answered; so a crash at any instant leaves either nothing that a
 * caller was told of, or a row that the next tick carries on with the same request id.
 */
export async function intake(deps: IntakeDeps, client: Client, request: TaskRequest): Promise<IntakeResult> {
  const fingerprints = await fingerprintsOf(deps, request);
  const task = await newTask(deps, client, { ...request, fingerprint: fingerprints[0] ?? null });
  if (client.dailyCreditLimit !== null && task.estimatedCredits === null)
    return (await replayOf(deps, task, fingerprints)) ?? { kind: 'unknown-cost' };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { keyHash, dailyCreditLimit } = client;
    const isRush = deps.asking.isRush(task.accountId);
    const result = await deps.asking.during(task.accountId, async () => {
      const durationKeys = deps.learning.toRead([task]);
      const stored = await deps.stores.tasks.insert({
        task,
        keyHash,
        dailyCreditLimit,
        isRush,
        searchKey: deps.config.searchMetadataKey,
        durationKeys,
      });
      deps.learning.take(stored.histories);
      return await resultOf(deps, stored, fingerprints);
    });
    if (result !== null) return result;
    // Nothing of an earlier request is left, either: it was refused.
    const refused = (await noRoom(deps, task)) ?? (await overCreditLimit(deps, client, task));
    if (refused !== null) return refused;
  }
  throw new Error(`${task.id} had room, and was not stored`);
}

/**
 * What became of an earlier request with the same key that said the same; null where there was none. For a retry that would be refused
 * for what has changed meanwhile.
 */
export async function acceptedBefore(
  deps: IntakeDeps,
  clientId: string,
  said: Said,
): Promise<IntakeResult | null> {
  const { idempotencyKey } = said;
  const earlier = await replayOf(deps, { clientId, idempotencyKey }, await fingerprintsOf(deps, said));
  return earlier?.kind === 'key-conflict' ? null : earlier;
}

/** Null where a limit stands in its way, as far as is counted. */
async function resultOf(
  deps: IntakeDeps,
  stored: Stored,
  fingerprints: readonly string[],
): Promise<IntakeResult | null> {
  switch (stored.kind) {
    case 'stored':
      return isAsking(stored) ? await submitFirst(deps, stored.task, stored.key) : accepted(stored.task);
    case 'earlier':
      return await repeated(deps, { earlier: stored.task, key: stored.key }, fingerprints);
    case 'key-revoked':
      return { kind: 'key-revoked' };
    case 'over-limit':
      return null;
  }
}

function isAsking({ task }: { readonly task: Task }): boolean {
  return task.phase.state === 'accepting';
}

/** A request whose idempotency key was used before: the task of then, or a word of what differs. */
async function repeated(
  deps: IntakeDeps,
  { earlier, key }: { earlier: TaskWithDelivery; key: UpstreamKey | null },
  fingerprints: readonly string[],
): Promise<IntakeResult | null> {
  if (!fingerprints.includes(earlier.fingerprint ?? '')) return { kind: 'key-conflict' };
  return isAsking({ task: earlier }) ? await join(deps, earlier, key) : { kind: 'replayed', task: earlier };
}

/** The task of an earlier request with the same key, where there is one. */
async function replayOf(
  deps: IntakeDeps,
  { clientId, idempotencyKey }: Pick<Task, 'clientId' | 'idempotencyKey'>,
  fingerprints: readonly string[],
): Promise<IntakeResult | null> {
  const earlier = idempotencyKey === null ? null : await deps.stores.tasks.byKey(clientId, idempotencyKey);
  return earlier === null ? null : await repeated(deps, { earlier, key: null }, fingerprints);
}

/** Null where there is room: the count that the insert went by is never less than what is there, and may be more. */
async function noRoom(deps: IntakeDeps, task: Task): Promise<IntakeResult | null> {
  const shortage = await deps.stores.stock.shortage(task);
  return shortage === null ? null : { kind: 'no-room', shortage };
}

/** Of what the request says; none where it has no idempotency key. */
async function fingerprintsOf(deps: IntakeDeps, request: Said): Promise<readonly string[]> {
  const { callback, model, input, metadata, timeoutMs, filesOrigin } = request;
  if (request.idempotencyKey === null) return [];
  const keepResult = filesOrigin === null ? { keepResult: false } : {};
  const said = {
    model,
    input,
    metadata,
    timeoutMs,
    url: callback?.url,
    headers: callback?.headers,
    // A wait can be given up, which ends its task: a task that was posted without one is no answer to it.
    ...(callback?.format === 'wait' ? { isWait: true } : {}),
    ...keepResult,
  };
  return await deps.fingerprints(canonicalJson(said));
}

/**
 * Null where there is room: upstream had refused some of what was counted as spent, or the task that held the key. By the
 * day that the insert counted, which may be over by now.
 */
async function overCreditLimit(deps: IntakeDeps, client: Client, task: Task): Promise<IntakeResult | null> {
  const limit = client.dailyCreditLimit;
  if (limit === null) return null;
  const spent = await deps.stores.spending.recount(client.id, task.createdAt);
  if (spent + (task.estimatedCredits ?? 0) <= limit) return null;
  return { kind: 'over-credit-limit', limit, left: Math.max(0, limit - spent) };
}

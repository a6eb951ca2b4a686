import { atOwnLimit } from '../domain/admission.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Task } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import type { Client } from '../store/clients.ts';
import { storedBytes } from '../store/stock.ts';
import type { Shortage } from '../store/stock.ts';
import { toRow } from '../store/task-row.ts';
import { accepted, submitFirst } from './first-submit.ts';
import type { FirstSubmit } from './first-submit.ts';
import { newTask } from './new-task.ts';
import type { IntakeDeps, TaskRequest } from './new-task.ts';
import { waitSteps } from './wait-steps.ts';
import type { WaitSteps } from './wait-steps.ts';

export type IntakeResult =
  | FirstSubmit
  /** The same key and the same body came before. */
  | { readonly kind: 'replayed'; readonly task: Task }
  /** The same key came before with another body. */
  | { readonly kind: 'key-conflict' }
  /** The first request with this key still waits for upstream's answer. */
  | { readonly kind: 'key-busy' }
  | { readonly kind: 'over-credit-limit'; readonly limit: number; readonly left: number }
  /** As much of the client is here as may be. */
  | { readonly kind: 'no-room'; readonly shortage: Shortage }
  /** The client has a daily limit, which a task of unknown cost would get around. */
  | { readonly kind: 'unknown-cost' };

/** How long a request waits for another one with the same key, and from one look to the next. */
const KEY_WAIT_MS = 12_000;
const KEY_WAIT: WaitSteps = { firstMs: 200, longestMs: 1_000 };

/**
 * Accepts a task: in D1 first, then to upstream, then answered; so a crash at any instant leaves either nothing that a
 * caller was told of, or a row that the next tick carries on with the same request id.
 */
export async function intake(deps: IntakeDeps, client: Client, request: TaskRequest): Promise<IntakeResult> {
  const fingerprints = await fingerprintsOf(deps, request);
  const task = await newTask(deps, client, { ...request, fingerprint: fingerprints[0] ?? null });
  const since = task.createdAt;
  let hasWaited = false;
  const steps = waitSteps(KEY_WAIT);
  for (;;) {
    const earlier = task.idempotencyKey && (await deps.stores.tasks.byKey(client.id, task.idempotencyKey));
    if (earlier) {
      const result = sameOrConflict(earlier, fingerprints, deps.clock.now());
      if (result.kind !== 'key-busy' || deps.clock.now() - since >= KEY_WAIT_MS) return result;
      hasWaited = true;
      await deps.clock.sleep(steps.nextMs());
      continue;
    }
    const refused = hasWaited && (await deps.stores.tasks.refusal(task, since));
    if (refused) return { kind: 'refused', refusal: JSON.parse(refused) };
    if (client.dailyCreditLimit !== null && task.estimatedCredits === null) return { kind: 'unknown-cost' };
    const now = deps.clock.now();
    const held = transition(task, atOwnLimit(now, deps.random()), now) ?? task;
    const max = client.maxActiveTasks;
    const limits = { dailyCredits: client.dailyCreditLimit, active: max === null ? null : { max, held } };
    const inserted = await deps.stores.tasks.insert(task, limits);
    hasWaited = true;
    if (inserted.kind === 'held') return accepted(held);
    if (inserted.kind === 'inserted') return await submitFirst(deps, task);
    if (inserted.kind === 'over-limit') {
      const result = (await noRoom(deps, task)) ?? (await overCreditLimit(deps, client, task));
      if (result !== null) return result;
    }
  }
}

/** Null where there is room: the count that the insert went by is never less than what is there, and may be more. */
async function noRoom(deps: IntakeDeps, task: Task): Promise<IntakeResult | null> {
  const shortage = await deps.stores.stock.shortage(task.clientId, storedBytes(toRow(task)));
  return shortage === null ? null : { kind: 'no-room', shortage };
}

/** Of what the request says; none where it has no idempotency key. */
async function fingerprintsOf(deps: IntakeDeps, request: TaskRequest): Promise<readonly string[]> {
  const { callback, model, input, metadata, timeoutMs } = request;
  if (request.idempotencyKey === null) return [];
  const said = { model, input, metadata, timeoutMs, url: callback?.url, headers: callback?.headers };
  return await deps.fingerprints(canonicalJson(said));
}

function sameOrConflict(earlier: Task, fingerprints: readonly string[], now: number): IntakeResult {
  if (!fingerprints.includes(earlier.fingerprint ?? '')) return { kind: 'key-conflict' };
  const isUndecided = earlier.phase.state === 'accepting' && (earlier.dueAt ?? 0) > now;
  return isUndecided ? { kind: 'key-busy' } : { kind: 'replayed', task: earlier };
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

import { mustWait } from '../domain/admission.ts';
import type { Gate } from '../domain/admission.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { firstTaskIdAt, taskId } from '../domain/ids.ts';
import { NEW_ROUND, NO_POLLS, publicState } from '../domain/task.ts';
import type { CallbackFormat, Task, UnsentTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import { CLAIM_MARGIN_MS, UPSTREAM_TIMEOUT_MS } from '../domain/turn.ts';
import type { CreateAnswer } from '../domain/upstream.ts';
import type { Client } from '../store/clients.ts';
import { firstIdOfDay } from '../store/load.ts';
import type { EngineDeps } from './deps.ts';
import { logError, logInfo } from './log.ts';
import { together } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { askUpstream, outcomeOfCreate, withAsked } from './submit.ts';

/** What a caller asks for, validated. */
export interface TaskRequest {
  readonly model: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly estimatedCredits: number | null;
  readonly callback: {
    readonly url: string;
    /** Its host and port, as the URL policy names them. */
    readonly host: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly format: CallbackFormat;
    /** The name that the request was sent to. */
    readonly relayHost: string;
  } | null;
  readonly metadata: Task['metadata'];
  /** As the caller asked, or null: then `TASK_TIMEOUT_SECONDS` holds. */
  readonly timeoutMs: number | null;
  readonly idempotencyKey: string | null;
}

/** An answer of upstream that refuses a task for good. */
export type Refusal = Extract<CreateAnswer, { kind: 'invalid' | 'no-credits' | 'unauthorized' | 'refused' }>;

export type IntakeResult =
  | { readonly kind: 'accepted'; readonly task: Task }
  /** The same key and the same body came before. */
  | { readonly kind: 'replayed'; readonly task: Task }
  /** The same key came before with another body. */
  | { readonly kind: 'key-conflict' }
  /** The first request with this key still waits for upstream's answer. */
  | { readonly kind: 'key-busy' }
  /** Upstream refused, and nothing of the request is left behind. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'over-credit-limit'; readonly limit: number; readonly left: number }
  /** The client has a daily limit, which a task of unknown cost would get around. */
  | { readonly kind: 'unknown-cost' };

export interface IntakeDeps extends EngineDeps {
  /** Under the current master key first, then under the one before, if it is still in use. */
  readonly fingerprints: (text: string) => Promise<readonly [string, ...string[]]>;
  readonly sealHeaders: (task: string, headers: Readonly<Record<string, string>>) => Promise<string | null>;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** The caller has an answer within 15 s, however long upstream hangs; this leaves a second for everything else. */
const ANSWER_WITHIN_MS = 14_000;
/** How long a request waits for another one with the same key. */
const KEY_WAIT_MS = 12_000;
const KEY_WAIT_STEP_MS = 200;

/**
 * Accepts a task: in D1 first, then to upstream, then answered; so a crash at any instant leaves either nothing that a
 * caller was told of, or a row that the next tick carries on with the same request id.
 */
export async function intake(deps: IntakeDeps, client: Client, request: TaskRequest): Promise<IntakeResult> {
  const fingerprints = await fingerprintsOf(deps, request);
  const task = await newTask(deps, client, { ...request, fingerprint: fingerprints[0] ?? null });
  const since = task.createdAt;
  let hasWaited = false;
  for (;;) {
    const earlier = task.idempotencyKey && (await deps.stores.tasks.byKey(client.id, task.idempotencyKey));
    if (earlier) {
      const result = sameOrConflict(earlier, fingerprints, deps.clock.now());
      if (result.kind !== 'key-busy' || deps.clock.now() - since >= KEY_WAIT_MS) return result;
      hasWaited = true;
      await deps.clock.sleep(KEY_WAIT_STEP_MS);
      continue;
    }
    const refused = hasWaited && (await deps.stores.tasks.refusal(task, since));
    if (refused) return { kind: 'refused', refusal: JSON.parse(refused) };
    if (client.dailyCreditLimit !== null && task.estimatedCredits === null) return { kind: 'unknown-cost' };
    const oldestOpenId =
      client.maxActiveTasks === null ? null : firstTaskIdAt(task.createdAt - deps.config.taskTimeoutMs);
    const inserted = await deps.stores.tasks.insert(task, creditLimitOf(client, task), oldestOpenId);
    hasWaited = true;
    if (inserted.kind === 'inserted') {
      const clientIsFull = client.maxActiveTasks !== null && inserted.openBefore >= client.maxActiveTasks;
      return await submitFirst(deps, task, clientIsFull);
    }
    if (inserted.kind === 'over-credit-limit') {
      const result = await overCreditLimit(deps, client, task);
      if (result !== null) return result;
    }
  }
}

/** Of what the request says; none where it has no idempotency key. */
async function fingerprintsOf(deps: IntakeDeps, request: TaskRequest): Promise<readonly string[]> {
  const { callback, model, input, metadata, timeoutMs } = request;
  if (request.idempotencyKey === null) return [];
  const said = { model, input, metadata, timeoutMs, url: callback?.url, headers: callback?.headers };
  return await deps.fingerprints(canonicalJson(said));
}

async function newTask(
  deps: IntakeDeps,
  client: Client,
  request: TaskRequest & { readonly fingerprint: string | null },
): Promise<UnsentTask> {
  const { callback, idempotencyKey, estimatedCredits, timeoutMs, ...content } = request;
  const now = deps.clock.now();
  const id = taskId(now, deps.randomBytes(16));
  return {
    ...content,
    id,
    clientId: client.id,
    accountId: client.accountId,
    idempotencyKey,
    estimatedCredits,
    createdAt: now,
    deadlineAt: now + (timeoutMs ?? deps.config.taskTimeoutMs),
    revision: 0,
    dueAt: now + UPSTREAM_TIMEOUT_MS + CLAIM_MARGIN_MS,
    problem: null,
    polls: NO_POLLS,
    phase: { state: 'accepting' },
    delivery: callback && {
      url: callback.url,
      host: callback.host,
      sealedHeaders: await deps.sealHeaders(id, callback.headers),
      format: callback.format,
      relayHost: callback.relayHost,
      state: 'waiting',
      attempts: 0,
      lastStatus: null,
      deliveredAt: null,
      round: NEW_ROUND,
      notice: null,
    },
  };
}

function sameOrConflict(earlier: Task, fingerprints: readonly string[], now: number): IntakeResult {
  if (!fingerprints.includes(earlier.fingerprint ?? '')) return { kind: 'key-conflict' };
  const isUndecided = earlier.phase.state === 'accepting' && (earlier.dueAt ?? 0) > now;
  return isUndecided ? { kind: 'key-busy' } : { kind: 'replayed', task: earlier };
}

function creditLimitOf(client: Client, task: Task) {
  const limit = client.dailyCreditLimit;
  return limit === null ? null : { limit, sinceId: firstIdOfDay(task.createdAt) };
}

/** Null where the limit is not what stood in the way: the task that held the key was just refused and is gone. */
async function overCreditLimit(deps: IntakeDeps, client: Client, task: Task): Promise<IntakeResult | null> {
  const limit = client.dailyCreditLimit ?? 0;
  const creditsToday = await creditsSpentToday(deps, client.id);
  if (creditsToday + (task.estimatedCredits ?? 0) <= limit) return null;
  return { kind: 'over-credit-limit', limit, left: Math.max(0, limit - creditsToday) };
}

/** Estimated credits of a client's tasks since midnight UTC, erased ones too. */
async function creditsSpentToday(deps: EngineDeps, clientId: string): Promise<number> {
  const now = deps.clock.now();
  const { load, erasures } = deps.stores;
  const { creditsToday } = await load.ofClient(clientId, now, deps.config.taskTimeoutMs);
  return creditsToday + (await erasures.creditsOf(clientId, firstIdOfDay(now)));
}

/**
 * The task is in D1, so it is accepted unless upstream says no: whatever breaks here, its caller is told so and does not
 * post it again, and the tick carries it on.
 */
async function submitFirst(deps: IntakeDeps, task: UnsentTask, clientIsFull: boolean): Promise<IntakeResult> {
  try {
    const gate = { ...(await gateOf(deps, task)), clientIsFull };
    const held = mustWait(gate, deps.clock.now());
    if (held !== null) {
      const next = transition(task, held, deps.clock.now());
      return await accepted(deps, task, next === null ? {} : { settlement: { task: next } });
    }
    const answer = await askUpstream(deps, task);
    if (isRefusal(answer) && (await forget(deps, task, answer))) return { kind: 'refused', refusal: answer };
    return await accepted(deps, task, await outcomeOfCreate(deps, task, answer, gate.key));
  } catch (error) {
    const whose = { task_id: task.id, client_id: task.clientId };
    logError('the intake broke off after the task was stored; the tick carries it on', error, whose);
    return { kind: 'accepted', task };
  }
}

async function forget(deps: IntakeDeps, task: Task, refusal: Refusal): Promise<boolean> {
  return await deps.stores.tasks.discard(task, JSON.stringify(refusal), deps.clock.now());
}

async function gateOf(deps: IntakeDeps, task: UnsentTask): Promise<Omit<Gate, 'clientIsFull'>> {
  const { key, hasWaiting } = await deps.stores.queue.ahead(task);
  const callerHasTime = deps.clock.now() + UPSTREAM_TIMEOUT_MS <= task.createdAt + ANSWER_WITHIN_MS;
  return { key: withAsked(deps, task, key), hasWaiting, callerHasTime };
}

function isRefusal(answer: CreateAnswer): answer is Refusal {
  return ['invalid', 'no-credits', 'unauthorized', 'refused'].includes(answer.kind);
}

async function accepted(deps: IntakeDeps, task: Task, outcome: Outcome): Promise<IntakeResult> {
  const { settlement } = outcome;
  const { ids: written } = await deps.stores.outcomes.settle({
    ...together([outcome]),
    hosts: new Map(),
    now: deps.clock.now(),
  });
  // A tick or a cancel may have been quicker: what stands in D1 is what is true.
  const settled = settlement !== undefined && written.has(task.id) ? settlement.task : null;
  const current = settled ?? (await deps.stores.tasks.get(task.id, null)) ?? task;
  logInfo('a task was accepted', { task_id: task.id, client_id: task.clientId, state: publicState(current) });
  return { kind: 'accepted', task: current };
}

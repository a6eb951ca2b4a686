import { mustWait } from '../domain/admission.ts';
import type { Gate } from '../domain/admission.ts';
import { publicState } from '../domain/task.ts';
import type { Task, UnsentTask } from '../domain/task.ts';
import { transition } from '../domain/transition.ts';
import { UPSTREAM_TIMEOUT_MS } from '../domain/turn.ts';
import type { CreateAnswer } from '../domain/upstream.ts';
import type { EngineDeps } from './deps.ts';
import { logError, logInfo } from './log.ts';
import { together } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { outcomeOf } from './pass-on.ts';
import { askUpstream, outcomeOfCreate, withAsked } from './submit.ts';

/** An answer of upstream that refuses a task for good. */
export type Refusal = Extract<CreateAnswer, { kind: 'invalid' | 'no-credits' | 'unauthorized' | 'refused' }>;

/** What became of a task that was just stored. */
export type FirstSubmit =
  | { readonly kind: 'accepted'; readonly task: Task }
  /** Its owner canceled and erased it while upstream was asked: whoever posted it is not told that it is there. */
  | { readonly kind: 'erased' }
  /** Upstream refused, and nothing of the request is left behind. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** The caller has an answer within 15 s, however long upstream hangs; this leaves a second for everything else. */
const ANSWER_WITHIN_MS = 14_000;
/**
 * The task is in D1, so it is accepted unless upstream says no: whatever breaks here, its caller is told so and does not
 * post it again, and the tick carries it on.
 */
export async function submitFirst(deps: EngineDeps, task: UnsentTask): Promise<FirstSubmit> {
  try {
    const gate = await gateOf(deps, task);
    const held = mustWait(gate, deps.clock.now());
    if (held !== null) {
      const next = transition(task, held, deps.clock.now());
      return await settled(deps, task, next === null ? {} : outcomeOf(next));
    }
    const answer = await askUpstream(deps, task);
    if (isRefusal(answer) && (await forget(deps, task, answer))) return { kind: 'refused', refusal: answer };
    return await settled(deps, task, await outcomeOfCreate(deps, task, answer, gate.key));
  } catch (error) {
    const whose = { task_id: task.id, client_id: task.clientId };
    logError('the intake broke off after the task was stored; the tick carries it on', error, whose);
    return { kind: 'accepted', task };
  }
}

async function forget(deps: EngineDeps, task: Task, refusal: Refusal): Promise<boolean> {
  return await deps.stores.tasks.discard(task, JSON.stringify(refusal), deps.clock.now());
}

async function gateOf(deps: EngineDeps, task: UnsentTask): Promise<Gate> {
  const { key, hasWaiting } = await deps.stores.queue.ahead(task);
  const callerHasTime = deps.clock.now() + UPSTREAM_TIMEOUT_MS <= task.createdAt + ANSWER_WITHIN_MS;
  return { key: withAsked(deps, task, key), hasWaiting, callerHasTime, random: deps.random() };
}

function isRefusal(answer: CreateAnswer): answer is Refusal {
  return ['invalid', 'no-credits', 'unauthorized', 'refused'].includes(answer.kind);
}

async function settled(deps: EngineDeps, task: Task, outcome: Outcome): Promise<FirstSubmit> {
  const { settlement } = outcome;
  const { ids: written } = await deps.stores.outcomes.settle({
    ...together([outcome]),
    hosts: new Map(),
    now: deps.clock.now(),
  });
  // A tick or a cancel may have been quicker: what stands in D1 is what is true.
  const own = settlement !== undefined && written.has(task.id) ? settlement.task : null;
  const current = own ?? (await deps.stores.tasks.get(task.id, null));
  return current === null ? { kind: 'erased' } : accepted(current);
}

/** The caller is told that the task is there, as it stands now. */
export function accepted(task: Task): FirstSubmit {
  logInfo('a task was accepted', { task_id: task.id, client_id: task.clientId, state: publicState(task) });
  return { kind: 'accepted', task };
}

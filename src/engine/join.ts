import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import type { UpstreamKey } from '../domain/upstream-key.ts';
import { submitFirst } from './first-submit.ts';
import type { FirstSubmit } from './first-submit.ts';
import type { IntakeDeps } from './new-task.ts';
import { waitSteps } from './wait-steps.ts';
import type { WaitSteps } from './wait-steps.ts';

/** How long a request waits for the first one with its key, which most often is about to be answered. */
const FIRST_HAS_MS = 3_000;
const STEPS: WaitSteps = { firstMs: 200, longestMs: 1_000 };

/**
 * Joins the first request with the same key, while upstream is being asked for that one. It waits for a moment, and then asks
 * itself: the first may have died, and upstream makes one task of one request id, however often it is asked. So it is answered
 * within 15 s, by the task or by the same refusal. Null where nothing of the first is left: then this one is the first.
 */
export async function join(
  deps: IntakeDeps,
  earlier: TaskWithDelivery,
  key: UpstreamKey | null,
): Promise<FirstSubmit | { readonly kind: 'replayed'; readonly task: TaskWithDelivery } | null> {
  const since = deps.clock.now();
  const steps = waitSteps(STEPS);
  let task = earlier;
  while (deps.clock.now() - since < FIRST_HAS_MS) {
    await deps.clock.sleep(steps.nextMs());
    const current = await deps.stores.tasks.get(task.id, task.clientId);
    if (current === null) {
      const refused = await deps.stores.tasks.refusal(task, task.createdAt);
      return refused === null ? null : { kind: 'refused', refusal: JSON.parse(refused) };
    }
    if (current.phase.state !== 'accepting') return { kind: 'replayed', task: current };
    task = current;
  }
  const joined = await submitFirst(deps, task, key, { isFirst: false });
  return joined.kind === 'accepted' ? { kind: 'replayed', task: joined.task } : joined;
}

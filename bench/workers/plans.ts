import { callbackOf } from '../../src/domain/delivery.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { UNKNOWN_RECEIVER } from '../../src/domain/receivers/health.ts';
import type { EndedTask, Task } from '../../src/domain/task.ts';
import type { KeyLesson } from '../../src/domain/upstream-key.ts';
import type { Stores } from '../../src/engine/deps.ts';
import { createStores } from '../../src/wiring/stores.ts';
import { EVERYTHING, LEASE, NOW, patience } from './everything.ts';
import { recorder, type Asked } from './recorder.ts';
import type { Plan } from './shapes.ts';

function lessonsOf(keyId: string, clientId: string): KeyLesson[] {
  return [
    { keyId, what: 'submits-paused', until: NOW },
    { keyId, what: 'polls-paused', until: NOW, intervalMs: 100, at: NOW },
    { keyId, what: 'refused', at: NOW },
    { keyId, what: 'taken' },
    { keyId, what: 'served', clientId },
    { keyId, what: 'failing', until: NOW, at: NOW },
    { keyId, what: 'answered' },
  ];
}

/** An outcome of each kind. */
function outcomesOf(task: Task, ended: EndedTask, delivery: Delivery): Outcome[] {
  const { id, accountId: keyId, clientId } = task;
  const abandoned = { keyId, clientId, upstreamTaskId: 'x', until: NOW };
  const attempt = { number: 1, at: NOW, status: 500, durationMs: 1, detail: '', nextAttemptAt: NOW };
  const retried = { ...delivery, attempts: 60, revision: 1 };
  return [
    { task: { task, otherwise: task }, running: { abandoned, dueAt: NOW } },
    { task: { task: ended, freesSlot: true, callbackLease: LEASE } },
    {
      delivery: {
        delivery: retried,
        attempt: { ...attempt, outcome: 'retry' },
        leasedUntil: NOW,
        resultJson: '{}',
        notice: { url: 'https://x/', host: 'x' },
      },
    },
    { followed: { abandoned, isOver: false, dueAt: NOW } },
    { followed: { abandoned, isOver: true, dueAt: NOW } },
    { release: { of: 'task', id, leasedUntil: NOW, at: NOW, toQueue: true } },
    { release: { of: 'delivery', id: delivery.id, leasedUntil: NOW, at: NOW, toQueue: false } },
    { lessons: lessonsOf(keyId, clientId) },
  ];
}

/** Asks the stores what the engine asks them in a tick and in a post, with a task that is there. */
async function askEverything(stores: Stores, task: Task): Promise<void> {
  const phase = {
    state: 'canceled',
    completedAt: NOW,
    resultJson: null,
    error: null,
    costTimeMs: null,
  } as const;
  const ended: EndedTask = { ...task, phase: { ...phase, upstreamTaskId: null, submittedAt: null } };
  const delivery = callbackOf(ended, NOW, LEASE);
  if (delivery === null) throw new Error('The task has no callback.');
  const receivers = [{ host: 'x', clientId: task.clientId, health: UNKNOWN_RECEIVER }];
  // Nothing is answered, and an outlook is a row: what is asked is noted all the same.
  await stores.exchange
    .exchange({ outcomes: outcomesOf(task, ended, delivery), receivers, now: NOW }, EVERYTHING)
    .catch(() => undefined);
  const unsent: Task & { phase: { state: 'accepting' } } = { ...task, phase: { state: 'accepting' } };
  for (const dailyCreditLimit of [null, 5_000])
    await stores.tasks.insert({
      task: unsent,
      keyHash: 'x',
      dailyCreditLimit,
      isRush: false,
      searchKey: 'row',
      durationKeys: ['m'],
    });
  await stores.tasks.discard(task, '{}', NOW);
  await stores.tasks.refusal(task, NOW);
  await stores.tasks.get(task.id, null);
  await stores.tasks.byKey(task.clientId, 'key');
  for (const state of [null, 'queued'] as const)
    await stores.tasks.list({ clientId: task.clientId, state, limit: 20, cursor: null });
  await stores.queue.lineOfKey(task).catch(() => undefined);
  await stores.queue.aheadOfOwn(task);
  await stores.spending.recount(task.clientId, NOW);
  await stores.deliveries.ofTask(task.id, null);
  await stores.deliveries.failed({ clientId: task.clientId, since: NOW, until: NOW }, 200);
  await stores.deliveries.change([delivery]);
  await stores.deliveries.attempts(delivery.id);
  await stores.ticks.started(NOW, {
    endedBefore: NOW,
    abandonedBefore: NOW,
    refusedBefore: NOW,
    inboxBefore: NOW,
    unusedBefore: null,
    spentBefore: NOW,
  });
  await stores.pulse.pulse();
  await stores.hourSums.make({ from: 0, until: NOW, again: [NOW] }, NOW);
}

export default {
  async fetch(_request, env): Promise<Response> {
    const filter = { clientId: null, state: null, limit: 1, cursor: null };
    const [task] = (await createStores(env.DB, patience).tasks.list(filter)).tasks;
    if (task === undefined) throw new Error('There is no task.');
    const asked: Asked[] = [];
    await askEverything(createStores(recorder(asked, env.DB), patience), task);
    const plans: Plan[] = [];
    for (const { sql, values } of asked) {
      const explained = env.DB.prepare(`explain query plan ${sql}`).bind(...values);
      const { results } = await explained.all<{ detail: string }>();
      plans.push({ sql, steps: results.map(({ detail }) => detail) });
    }
    return Response.json(plans);
  },
} satisfies ExportedHandler<Env>;

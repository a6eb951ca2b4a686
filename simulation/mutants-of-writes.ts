import type { Mutant } from './mutant-list.ts';

/** Bugs in what is stored, leased and written. */
export const WRITE_MUTANTS: readonly Mutant[] = [
  {
    bug: 'the purge takes tasks that have just ended',
    file: 'src/store/retention.ts',
    text: 'where id < ?1 and completed_at < ?2 and (',
    instead: 'where ?1 > ?2 and completed_at is not null and (',
  },
  {
    bug: 'each try to submit has a request id of its own',
    file: 'src/engine/submit.ts',
    text: 'requestId: task.id, model',
    instead: 'requestId: `${task.id}-${deps.clock.now()}`, model',
  },
  {
    bug: 'an idempotency key is not stored',
    file: 'src/engine/new-task.ts',
    text: `    idempotencyKey,
    estimatedCredits: `,
    instead: `    idempotencyKey: null,
    estimatedCredits: `,
  },
  {
    bug: 'a due delivery is taken although somebody has leased it',
    file: 'src/store/fetch-deliveries.ts',
    text: 'and host = r.host and leased_until <= ?1 and ${test}',
    instead: 'and host = r.host and ${test}',
  },
  {
    bug: 'a delivery is fetched without a lease',
    file: 'src/store/fetch-deliveries.ts',
    text: 'update deliveries set leased_until = ?3 where',
    instead: 'update deliveries set leased_until = 0 where',
  },
  {
    bug: 'leases are shorter than what is done under them',
    file: 'src/domain/schedule/plan.ts',
    text: 'export const LEASE_MARGIN_MS = 15_000;',
    instead: 'export const LEASE_MARGIN_MS = -10_000;',
  },
  {
    bug: 'a due task is fetched without a lease',
    file: 'src/store/fetch-tasks.ts',
    text: "case when state <> 'running' then ?4 when keeping is null then ?3 else ?6 end, state",
    instead: 'case when ?3 + ?4 + ?6 then 0 end, state',
  },
  {
    bug: 'the lease of a task that runs is never over',
    file: 'src/domain/schedule/plan.ts',
    text: 'isAlone ? endsAt :',
    instead: 'isAlone ? endsAt + 900_000 :',
  },
  {
    bug: 'a task’s outcome is written whatever the revision is by now',
    file: 'src/store/settle-rows.ts',
    text: " and tasks.revision = (next.value ->> 'revision') - 1 and ${condition}",
    instead: ' and ${condition}',
  },
  {
    bug: 'a delivery’s outcome is written whatever the revision is by now',
    file: 'src/store/settle-deliveries.ts',
    text: " and deliveries.revision = (next.value ->> 'revision') - 1`;",
    instead: '`;',
  },
  {
    bug: 'a task that upstream took is left without a clock',
    file: 'src/domain/transition.ts',
    text: 'dueAt: Math.min(pollAt, task.deadlineAt), leasedUntil: 0 }',
    instead: 'dueAt: null, leasedUntil: 0 }',
  },
  {
    bug: 'outcomes count as written before they are',
    file: 'src/engine/sync.ts',
    text: 'const receivers = state.receivers.news;',
    instead: `const receivers = state.receivers.news;
    state.written(count);`,
  },
  {
    bug: 'an exchange that failed is not tried again',
    file: 'src/domain/schedule/sync-times.ts',
    text: 'return state.syncedAt + RETRY_MS * 2 **',
    instead: 'return Infinity * 2 **',
  },
  {
    bug: 'what is in hand when an invocation’s time is over is dropped',
    file: 'src/domain/schedule/decide.ts',
    text: 'state.inFlight.size > 0 || state.isSyncing',
    instead: 'state.isSyncing',
  },
  {
    bug: 'an end counts twice where its write is tried again',
    file: 'src/store/settle-tasks.ts',
    text: " and tasks.revision = (next.value ->> 'revision') - 1)",
    instead: ')',
  },
  {
    bug: 'an attempt that came late is not logged',
    file: 'src/store/settle-deliveries.ts',
    text: "(a.value ->> 'inRow' = 0 or deliveries.revision <> (a.value ->> 'revision') - 1)",
    instead: "deliveries.revision = (a.value ->> 'revision') - 1",
  },
  {
    bug: 'a task that is canceled while it runs is not followed',
    file: 'src/engine/cancel.ts',
    text: '...(isRunning(task) && !isKeeping(task) ? { running: stillRunning(task, now) } : {})',
    instead: '...{}',
  },
  {
    bug: 'what is followed is forgotten at the first look',
    file: 'src/engine/poll.ts',
    text: 'const isOver = hasEnded(answer) || now >= abandoned.until;',
    instead: 'const isOver = true;',
  },
  {
    bug: 'what is followed is never forgotten',
    file: 'src/store/lanes.ts',
    text: 'const OVER = `delete from abandoned where (',
    instead: 'const OVER = `delete from abandoned where false and (',
  },
];

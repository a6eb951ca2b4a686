/** A bug, planted: the text that stands in a file, and what stands there instead. */
export interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

/** One or more of each kind of promise: nothing lost, nothing paid twice, nothing told twice, nothing forgotten, nothing too soon. */
export const MUTANTS: readonly Mutant[] = [
  {
    bug: 'the purge takes tasks that have just ended',
    file: 'src/store/retention.ts',
    text: 'where id < ?1 and completed_at < ?2 and (due_at is null',
    instead: 'where ?1 > ?2 and completed_at is not null and (due_at is null',
  },
  {
    bug: 'each try to submit has a request id of its own',
    file: 'src/engine/submit.ts',
    text: 'create({ apiKey, requestId, model, input })',
    instead: 'create({ apiKey, requestId: `${requestId}-${deps.clock.now()}`, model, input })',
  },
  {
    bug: 'an idempotency key is not stored',
    file: 'src/engine/new-task.ts',
    text: `    idempotencyKey,
    estimatedCredits,`,
    instead: `    idempotencyKey: null,
    estimatedCredits,`,
  },
  {
    bug: 'a claim is taken although somebody else has it by now',
    file: 'src/store/due.ts',
    text: ` and coalesce(tasks.parked_due_at, tasks.due_at) = claim.value ->> 'due_at'`,
    instead: '',
  },
  {
    bug: 'an outcome is written whatever the revision is by now',
    file: 'src/store/settle-rows.ts',
    text: `where tasks.id = next.value ->> 'id' and tasks.revision = (next.value ->> 'revision') - 1 and`,
    instead: `where tasks.id = next.value ->> 'id' and`,
  },
  {
    bug: "a callback's body holds the number of the attempt",
    file: 'src/domain/callback-body.ts',
    text: 'timestamp: isoTime(completedAt),',
    instead: 'timestamp: isoTime(completedAt + (task.delivery?.attempts ?? 0)),',
  },
  {
    bug: "a callback's claim is shorter than its attempt",
    file: 'src/domain/turn.ts',
    text: 'return now + refreshMs + rules.callbackTimeoutMs + CLAIM_MARGIN_MS;',
    instead: 'return now + 1_000;',
  },
  {
    bug: 'a callback that is sent together with the write of its end is not claimed',
    file: 'src/engine/scribe.ts',
    text: '{ ...settlement, task: { ...task, dueAt: deliveryClaim(task, this.deps.config, place.startBy) } },',
    instead: 'settlement,',
  },
  {
    bug: 'an invocation that ends gives back what it holds without a clock',
    file: 'src/engine/give-back.ts',
    text: '({ task: pollCounts.of(task), until: at })',
    instead: '({ task: pollCounts.of(task), until: Infinity })',
  },
  {
    bug: 'a task that upstream limits is left without a clock',
    file: 'src/domain/transition.ts',
    text: 'dueAt: Math.min(event.retryAt, task.deadlineAt),',
    instead: `dueAt: event.reason === 'limited' ? null : Math.min(event.retryAt, task.deadlineAt),`,
  },
  {
    bug: 'the budget is one more than it is',
    file: 'src/engine/budget.ts',
    text: 'return this.plan.total - this.used - this.promised;',
    instead: 'return this.plan.total + 1 - this.used - this.promised;',
  },
  {
    bug: "an invocation's requests to D1 are not counted",
    file: 'src/compose.ts',
    text: '() => d1.take(1)',
    instead: '() => d1.take(0)',
  },
  {
    bug: 'each failed attempt starts the schedule again',
    file: 'src/domain/retry-schedule.ts',
    text: 'round: { ...tried, retries: round.retries + 1 }',
    instead: 'round: { ...tried, retries: 0 }',
  },
  {
    bug: 'Retry-After is not heeded',
    file: 'src/domain/retry-schedule.ts',
    text: 'verdict.notBefore ?? 0',
    instead: '0',
  },
  {
    bug: 'what waits for its own client goes whatever that has active',
    file: 'src/store/load.ts',
    text: '(before ?? 0) >= maxActiveTasks',
    instead: '(before ?? 0) > maxActiveTasks',
  },
  {
    bug: 'an answer about another task is believed',
    file: 'src/domain/upstream-answer.ts',
    text: 'if (!isAbout(record, upstreamTaskId))',
    instead: 'if (!isAbout(record, upstreamTaskId) && record === null)',
  },
  {
    bug: 'an id is written down although another task of the key has it',
    file: 'src/store/settle-rows.ts',
    text: ' and ${IS_FREE} returning',
    instead: ' returning',
  },
  {
    bug: 'a success is told without its link',
    file: 'src/domain/upstream-answer.ts',
    text: 'if (resultJson !== null) return',
    instead: 'if (resultJson !== null || state === SUCCESS) return',
  },
  {
    bug: 'only upstream’s own word for success counts',
    file: 'src/domain/upstream-answer.ts',
    text: 'const isSuccess = state === SUCCESS || SUCCESSES.has(state);',
    instead: 'const isSuccess = state === SUCCESS;',
  },
  {
    bug: 'a completion that cannot be is believed',
    file: 'src/domain/end-times.ts',
    text: 'completedAt: isCompletion ? completedAt : null,',
    instead: 'completedAt,',
  },
  {
    bug: 'a link is waited for without end',
    file: 'src/domain/poll-outcome.ts',
    text: 'return waitsUntil <= now && waitsUntil <= deadlineAt;',
    instead: 'return waitsUntil <= now && waitsUntil > deadlineAt;',
  },
  {
    bug: 'an end can be followed by another',
    file: 'src/domain/transition.ts',
    text: `case 'canceled':
      return isEnded(task)`,
    instead: `case 'canceled':
      return task.phase.state === 'canceled'`,
  },
];

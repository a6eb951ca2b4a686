import type { Mutant } from './mutant-list.ts';

/** Bugs in what is told, when, and in what upstream’s answers mean. */
export const MESSAGE_MUTANTS: readonly Mutant[] = [
  {
    bug: "a callback's body holds the number of the attempt",
    file: 'src/delivery/send.ts',
    text: 'body: callbackBody(task)',
    instead: 'body: callbackBody({ ...task, metadata: { attempts: delivery.attempts } })',
  },
  {
    bug: 'what a subscription is told holds the number of the attempt',
    file: 'src/delivery/send.ts',
    text: 'body: formatted(format, body,',
    instead: 'body: formatted(format, { ...body, attempts: delivery.attempts },',
  },
  {
    bug: 'a subscription is told only what its writer has room for',
    file: 'src/store/tell-subscribers.ts',
    text: "iif(waits or nth_of_pair > most or place > ?4, 0, ?3), 'pending'\n  from placed where true",
    instead:
      "iif(waits or nth_of_pair > most or place > ?4, 0, ?3), 'pending'\n  from placed where place <= ?4",
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
    bug: 'an answer about another task is believed',
    file: 'src/upstream/answer.ts',
    text: 'if (!isAbout(record, upstreamTaskId))',
    instead: 'if (!isAbout(record, upstreamTaskId) && record === null)',
  },
  {
    bug: 'an id is written down although another task of the key has it',
    file: 'src/store/settle-rows.ts',
    text: 'settling(CHANGING_COLUMNS, IS_FREE)',
    instead: "settling(CHANGING_COLUMNS, 'true')",
  },
  {
    bug: 'a success is told without its link',
    file: 'src/upstream/answer.ts',
    text: 'if (resultJson !== null) return',
    instead: 'if (resultJson !== null || state === SUCCESS) return',
  },
  {
    bug: 'only upstream’s own word for success counts',
    file: 'src/upstream/answer.ts',
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
];

import type { Mutant } from './mutant-list.ts';

/** Bugs in lanes, slots, budgets and in what decides. */
export const LANE_MUTANTS: readonly Mutant[] = [
  {
    bug: 'one job that may not start holds up all behind it',
    file: 'src/domain/schedule/decide.ts',
    text: `for (const job of jobs.slice(0, LOOKED_AT)) {
    if (job.at > now) return null;`,
    instead: `for (const job of jobs.slice(0, LOOKED_AT)) {
    if (job.at > now - 90_000) return null;`,
  },
  {
    bug: 'an invocation looks no more once it has nothing to do',
    file: 'src/domain/schedule/sync-times.ts',
    text: 'return outlook.hasQueue ? Math.min(lookMs, queueMs) : lookMs;',
    instead: 'return Infinity;',
  },
  {
    bug: 'more connections than the platform has',
    file: 'src/domain/schedule/limits.ts',
    text: 'const MAX_CONNECTIONS = 6;',
    instead: 'const MAX_CONNECTIONS = 9;',
  },
  {
    bug: 'the budget is one more than it is',
    file: 'src/domain/schedule/budget.ts',
    text: 'return this.plan.total - this.used - this.promised;',
    instead: 'return this.plan.total + 1 - this.used - this.promised;',
  },
  {
    bug: "an invocation's requests to D1 are not counted",
    file: 'src/wiring/compose.ts',
    text: 'budgets.d1.take(1)',
    instead: 'budgets.d1.take(0)',
  },
  {
    bug: 'the queue goes whatever its client has active',
    file: 'src/store/fetch-queue.ts',
    text: 'where nth <= room)',
    instead: 'where nth <= room + 1)',
  },
  {
    bug: 'what upstream failed gives its place away',
    file: 'src/store/lane-rules.ts',
    text: "and ${CLOCKED} and state = 'queued')",
    instead: "and ${CLOCKED} and state = 'nothing')",
  },
  {
    bug: 'what ended here while upstream runs it is not counted',
    file: 'src/store/lane-rules.ts',
    text: '- (select count(*) from abandoned where client_id = ${clientId} and until > ?1)',
    instead: '',
  },
  {
    bug: 'a key has one slot more than upstream has',
    file: 'src/store/lane-rules.ts',
    text: 'when in_hand < k.active_limit then k.active_limit - in_hand',
    instead: 'when in_hand <= k.active_limit then k.active_limit + 1 - in_hand',
  },
  {
    bug: 'a full key has no slot any more',
    file: 'src/store/lane-rules.ts',
    text: 'when in_hand < k.active_limit then k.active_limit - in_hand',
    instead: 'when in_hand < k.active_limit then 0',
  },
  {
    bug: 'a pause of submits is not heeded',
    file: 'src/store/lane-rules.ts',
    text: 'when k.submit_paused_until > ?1 then 0',
    instead: 'when k.submit_paused_until > ?1 + 86400000 then 0',
  },
  {
    bug: 'a pause of polls is not heeded',
    file: 'src/domain/schedule/key-lanes.ts',
    text: 'if (pollIntervalMs === null) return pollPausedUntil;',
    instead: 'if (pollIntervalMs === null) return 0;',
  },
  {
    bug: 'a receiver that answers stays silent for the others',
    file: 'src/store/lanes.ts',
    text: 'where excluded.observed_at >= receivers.observed_at`;',
    instead: 'where excluded.observed_at < receivers.observed_at`;',
  },
  {
    bug: 'an open breaker never lets one through',
    file: 'src/domain/schedule/receiver-lanes.ts',
    text: 'return (this.health(address).openUntil ?? 0) > now;',
    instead: 'return (this.health(address).openUntil ?? 0) > 0;',
  },
  {
    bug: 'those that waited for a silent receiver wait on',
    file: 'src/store/fetch-deliveries.ts',
    text: 'r.recovered_at > ?1 - ${RECOVERY_MS}',
    instead: 'r.recovered_at > ?1',
  },
  {
    bug: 'a silent receiver is left alone',
    file: 'src/store/fetch-deliveries.ts',
    text: 'r.observed_at <= ?1 - ${PROBE_SILENT_MS}',
    instead: 'r.observed_at <= ?1 - 100 * ${PROBE_SILENT_MS}',
  },
  {
    bug: 'a silent receiver uses up the schedule of those that wait for it',
    file: 'src/engine/deliver.ts',
    text: "if (isProbe && answer.kind !== 'response')",
    instead: "if (isProbe && answer.kind === 'response')",
  },
];

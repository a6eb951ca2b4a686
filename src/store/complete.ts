import type { Outcome } from '../domain/outcome.ts';
import type { ReceiverSight } from '../domain/schedule/receiver-lanes.ts';
import type { ReceiverHealth } from '../domain/receivers/health.ts';
import { alertStatements } from './alerts.ts';
import { leasedTelling } from './fetch-deliveries.ts';
import type { LeasedTelling } from './fetch-deliveries.ts';
import { abandonedStatements, lessonStatements, receiverStatements, releaseStatements } from './lanes.ts';
import { healthOf } from './receiver-row.ts';
import { deliveryStatements } from './settle-deliveries.ts';
import { taskStatements } from './settle-tasks.ts';
import type { Taking } from './tell-subscribers.ts';

/** What is to be written together, in one transaction. */
export interface Completion {
  readonly outcomes: readonly Outcome[];
  readonly receivers: readonly ReceiverSight[];
  readonly now: number;
  /** What of subscriptions' deliveries is leased to the writer; absent: none. */
  readonly taking?: Taking;
}

/** What became of it. */
export interface Completed {
  /** Tasks that stand as they were written; the others had moved on. */
  readonly settled: ReadonlySet<string>;
  /** Callbacks of ended tasks that are leased to the writer, with what is known of their receivers. */
  readonly leased: ReadonlyMap<string, ReceiverHealth | null>;
  /** What tells subscriptions of these tasks, leased to the writer. */
  readonly told: readonly LeasedTelling[];
}

// oxlint-disable-next-line typescript/no-explicit-any -- each statement of a batch has rows of its own shape
type Answer = any;

/** Statements, and how to read their answers. */
export interface CompletionStatements {
  readonly statements: readonly D1PreparedStatement[];
  /**
   * `isRepeated`: a try before may have written it already. Else what somebody else wrote, at the same instant and with the same
   * lease, is theirs: only what these statements inserted is leased to the writer.
   */
  readonly read: (answers: readonly D1Result<Answer>[], isRepeated: boolean) => Completed;
}

/** D1 takes 2 MB in a statement and its parameters; what is written together stays well below that in each. */
const MAX_CHARACTERS = 700_000;
const MAX_OUTCOMES = 500;

/** How many of these outcomes, from the first, fit into one writing: one at the least. */
export function fitting(outcomes: readonly Outcome[], most = MAX_OUTCOMES): number {
  let characters = 0;
  let count = 0;
  for (const outcome of outcomes.slice(0, Math.max(1, most))) {
    characters += sizeOf(outcome);
    if (count > 0 && characters > MAX_CHARACTERS) break;
    count++;
  }
  return count;
}

/** The long texts of an outcome; the rest is a few hundred characters. */
function sizeOf({ task, delivery }: Outcome): number {
  const result = task !== undefined && 'resultJson' in task.task.phase ? task.task.phase.resultJson : null;
  const problem = task?.task.problem?.length ?? 0;
  return (
    1_000 +
    problem +
    (result?.length ?? 0) +
    (delivery?.resultJson?.length ?? 0) +
    (delivery?.attempt?.detail.length ?? 0)
  );
}

/**
 * The statements of one transaction. All of it may be carried out twice: what was written by a first try, whose answer was lost,
 * is written once and told by the second.
 */
export function completionStatements(
  db: D1Database,
  { outcomes, receivers, now, taking }: Completion,
): CompletionStatements {
  const changes = outcomes.flatMap(({ task }) => task ?? []);
  const tasks = taskStatements(db, changes, now, taking ?? null);
  const lessons = outcomes.flatMap((outcome) => outcome.lessons ?? []);
  const deliveries = outcomes.flatMap(({ delivery }) => delivery ?? []);
  const statements = [
    ...(tasks?.statements ?? []),
    ...deliveryStatements(db, deliveries, now),
    ...abandonedStatements(db, outcomes),
    ...lessonStatements(db, lessons),
    ...receiverStatements(db, receivers),
    ...alertStatements(db, { receivers, lessons, deliveries }, now),
    ...releaseStatements(
      db,
      outcomes.flatMap(({ release }) => release ?? []),
    ),
  ];
  return {
    statements,
    read: (answers, isRepeated) => {
      const leasedAt = (place = -1) => {
        const inserted = new Set(rowsAt(answers, place - 1).map(({ id }) => id));
        return rowsAt(answers, place).filter(({ id }) => isRepeated || inserted.has(id));
      };
      return {
        settled: new Set(rowsAt(answers, tasks?.settledAt).map(({ id }) => id)),
        leased: new Map(
          leasedAt(tasks?.leasedAt).map(({ id, receiver_json: json = null }) => [id, healthOf(json)]),
        ),
        told: leasedAt(tasks?.toldAt).map(leasedTelling),
      };
    },
  };
}

function rowsAt(answers: readonly D1Result<Answer>[], place = -1): readonly Answer[] {
  return answers[place]?.results ?? [];
}

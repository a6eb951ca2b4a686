import type { Outlook } from '../domain/schedule/state.ts';
import type { Wants } from '../domain/schedule/wants.ts';
import type { Fetched } from '../store/exchange.ts';

/** What is to come, as a look says it that asked for so much, and that was preceded by this outlook. */
export function outlookOf(fetched: Fetched, wants: Wants, before: Outlook): Outlook {
  const { tasks, queued, overdue, deliveries, abandoned } = fetched;
  const { nextDueAt, hasQueue, hasDeliveries, hasAbandoned, after } = fetched;
  const hasCome = [tasks, queued, overdue, deliveries, abandoned].some(({ length }) => length > 0);
  return {
    nextDueAt,
    hasQueue,
    hasDeliveries,
    hasAbandoned,
    hasMore:
      isFull(tasks, wants.tasks) ||
      isFull(queued, wants.queued) ||
      isFull(deliveries, wants.deliveries) ||
      after[0] !== '' ||
      // It is there since the look before, which is why it was not asked for.
      (hasQueue && !before.hasQueue) ||
      (hasDeliveries && !before.hasDeliveries) ||
      (hasAbandoned && !before.hasAbandoned),
    isShort: tasks.length >= wants.tasks,
    isShortOfSubmits: isFull(queued, wants.queued) || (wants.queued === 0 && before.hasQueue && hasQueue),
    isEmpty: !hasCome && nextDueAt === null && !hasQueue && !hasDeliveries && !hasAbandoned,
  };
}

/** As many as were asked for: there may be more. */
function isFull({ length }: readonly unknown[], asked: number): boolean {
  return asked > 0 && length >= asked;
}

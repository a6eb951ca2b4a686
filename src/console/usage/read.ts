import { dayOf, daysFrom, daysOf } from '../../domain/usage.ts';
import type { Usage } from '../../domain/usage.ts';
import { readUsage } from '../../http/usage.ts';
import type { Services } from '../../http/services.ts';
import type { UsageQuery } from '../../store/usage.ts';

/** Time spans to choose from, in days. */
export const SPANS = [7, 30, 90, 400] as const;

/** What the page shows: each day, and each client and model with its sums. */
export interface UsageOverview {
  readonly query: UsageQuery;
  readonly days: readonly Usage[];
  readonly lines: readonly Usage[];
  readonly total: Usage;
}

const NOTHING = { tasks: 0, succeeded: 0, failed: 0, canceled: 0, credits: 0 };

/** The span that an address asks for; what it misspells counts as not asked. */
export function spanOf(days: string | undefined): number {
  return SPANS.find((span) => String(span) === days) ?? 7;
}

/** One look at what was used, of a client or of all (null); summed here by day, and by client and model. */
export async function usageOverview(
  services: Services,
  clientId: string | null,
  span: number,
): Promise<UsageOverview> {
  const to = dayOf(services.clock.now());
  const query: UsageQuery = { clientId, from: daysFrom(to, 1 - span), to, by: ['day', 'client', 'model'] };
  const rows = await readUsage(services, query);
  const days = new Map(daysOf(query).map((day): [string, Usage] => [day, { day, ...NOTHING }]));
  const lines = new Map<string, Usage>();
  let total: Usage = NOTHING;
  for (const row of rows) {
    const { day = '', ...rest } = row;
    days.set(day, added(days.get(day), { ...figures(row), day }));
    const name = `${row.client_id} ${row.model}`;
    lines.set(name, added(lines.get(name), rest));
    total = added(total, figures(row));
  }
  const sorted = Array.from(lines.values()).toSorted((a, b) => b.credits - a.credits || b.tasks - a.tasks);
  return { query, days: Array.from(days.values()), lines: sorted, total };
}

function figures({ tasks, succeeded, failed, canceled, credits }: Usage): Usage {
  return { tasks, succeeded, failed, canceled, credits };
}

function added(a: Usage | undefined, b: Usage): Usage {
  if (a === undefined) return b;
  return {
    ...b,
    tasks: a.tasks + b.tasks,
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
    canceled: a.canceled + b.canceled,
    credits: a.credits + b.credits,
  };
}

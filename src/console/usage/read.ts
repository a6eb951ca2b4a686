import { dayOf, daysFrom, daysOf, NO_USAGE, sumOfUsage, USAGE_SPANS } from '../../domain/usage.ts';
import type { Usage } from '../../domain/usage.ts';
import { readUsage } from '../../http/usage.ts';
import type { Services } from '../../http/services.ts';
import type { SpannedUsage } from '../../store/usage-sums.ts';
import { named } from '../../store/usage.ts';
import type { UsageQuery } from '../../store/usage.ts';

/** What the page shows: each day, and each client and model with its sums. */
export interface UsageOverview {
  readonly query: UsageQuery;
  readonly days: readonly Usage[];
  readonly lines: readonly Usage[];
  readonly total: Usage;
}

/** The span that an address asks for; what it misspells counts as not asked. */
export function spanOf(days: string | undefined): number {
  return USAGE_SPANS.find((span) => String(span) === days) ?? 7;
}

/** The question that a span of days up to today is. */
export function spanQuery(services: Services, clientId: string | null, span: number): UsageQuery {
  const to = dayOf(services.clock.now());
  return { clientId, from: daysFrom(to, 1 - span), to, by: ['day', 'client', 'model'] };
}

/**
 * What was used, of a client or of all (null), by day, and by client and model.
 *
 * @param names of clients, as they are called now.
 */
export async function usageOverview(
  services: Services,
  query: UsageQuery,
  names: ReadonlyMap<string, string>,
): Promise<UsageOverview> {
  const parts = (await readSums(services, query)) ?? (await readRows(services, query));
  const byDay = Map.groupBy(parts.days, ({ day = '' }) => day);
  const byLine = Map.groupBy(named(parts.lines, names), ({ client_id: id, model }) => `${id} ${model}`);
  const lines = Array.from(byLine.values(), (rows): Usage => {
    const { day: _, ...line } = rows[0] ?? NO_USAGE;
    return { ...line, ...sumOfUsage(rows) };
  });
  return {
    query,
    days: daysOf(query).map((day) => ({ ...sumOfUsage(byDay.get(day) ?? []), day })),
    lines: lines.toSorted((a, b) => b.credits - a.credits || b.tasks - a.tasks),
    total: sumOfUsage(parts.days),
  };
}

async function readSums(
  { stores, clock, config }: Services,
  { clientId, from, to }: UsageQuery,
): Promise<SpannedUsage | null> {
  const now = clock.now();
  const days = daysOf({ from, to }).length;
  return await stores.usageSums.read({ clientId, days, now }, now - config.taskTimeoutMs);
}

/** Row by row, until the sums are made. */
async function readRows(services: Services, query: UsageQuery): Promise<SpannedUsage> {
  const rows = await readUsage(services, query);
  return { days: rows, lines: rows };
}

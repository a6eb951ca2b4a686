import { z } from '@hono/zod-openapi';
import { dayOf, daysFrom, daysOf, startOfDay, USAGE_DAYS } from '../domain/usage.ts';
import type { UsageGroup } from '../domain/usage.ts';
import type { UsageQuery } from '../store/usage.ts';
import { invalid } from './problem.ts';

const DEFAULT_DAYS = 30;
const DEFAULT_GROUPS = ['day', 'model'] as const;

const day = z
  .string()
  .refine((text) => startOfDay(text) !== null, 'must be a day such as 2026-11-29')
  .optional()
  .openapi({ type: 'string', format: 'date', example: '2026-11-29' });

/** The parameters of a question for usage that may be told by `groups`. Strict: a misspelt one would change what is counted. */
export function usageParameters(groups: readonly UsageGroup[]) {
  return z.strictObject({
    from: day.openapi({
      description: `The first day, in UTC. ${DEFAULT_DAYS} days up to \`to\`, unless given.`,
    }),
    to: day.openapi({ description: 'The last day, in UTC. Today, unless given.' }),
    group: z
      .string()
      .refine(
        (text) => {
          const words = text.split(',');
          return (
            words.every((word) => groups.some((group) => group === word)) &&
            new Set(words).size === words.length
          );
        },
        `must be one or more of ${groups.join(', ')}, each once, with commas between them`,
      )
      .optional()
      .openapi({
        description: `What to group by, with commas between: ${groups.join(', ')}.`,
        example: 'day,model',
      }),
  });
}

type Parameters = z.infer<ReturnType<typeof usageParameters>>;

/** The question; 422 where its days are the wrong way round or too many. */
export function usageQuery(clientId: string | null, given: Parameters, now: number): UsageQuery {
  const to = given.to ?? dayOf(now);
  const from = given.from ?? daysFrom(to, 1 - DEFAULT_DAYS);
  const days = daysOf({ from, to }).length;
  if (days === 0) throw invalid([{ path: 'from', message: `must not be after to, which is ${to}` }]);
  if (days > USAGE_DAYS)
    throw invalid([
      { path: 'from', message: `must be at most ${USAGE_DAYS} days before to, which is ${to}` },
    ]);
  const words: readonly string[] = given.group?.split(',') ?? DEFAULT_GROUPS;
  const by = (['day', 'client', 'model'] as const).filter((group) => words.includes(group));
  return { clientId, from, to, by };
}

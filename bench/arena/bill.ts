import { noCost, plus, type Cost, type Counts } from '../workers/shapes.ts';
import type { CostAnswer } from '../workers/shapes.ts';
import { DOLLARS_PER_MILLION, FREE_A_DAY } from './prices.ts';

const MINUTES_A_DAY = 1_440;

/** The phases of a task's life, by the statements and fetches that belong to them. */
const PHASES: readonly (readonly [string, 'posts' | 'ticks', RegExp])[] = [
  [
    'post: stored',
    'posts',
    /^(select|insert|update)( clients| catalog| tasks| spent_credits| durations)?( \(of \w+\))?$/,
  ],
  ["post: upstream's answer", 'posts', /outcome|^fetch create$|abandoned|upstream_keys|^insert deliveries$/],
  ['looks', 'ticks', /^select( tasks| deliveries| durations)?( \(of \w+\))?$|abandoned|paces/],
  ['leases', 'ticks', /^update (tasks|deliveries) \((lease|release)\)$/],
  ['polls', 'ticks', /^fetch poll$/],
  [
    'end, and its delivery',
    'ticks',
    /tasks \(outcome\)$|^insert (deliveries|usage \(outcome\))$|upstream_keys|^select receivers$/,
  ],
  ['callback and its log', 'ticks', /^fetch callback$|^update deliveries( \(outcome\))?$|delivery_attempts/],
  ['statistics of durations, receivers', 'ticks', /^insert (durations|receivers|events)$|^update receivers$/],
  ['heartbeat, tidying and sums', 'ticks', /ticks|^delete|clients$|sums|usage_(spans|days)/],
];

/** What a task costs, by phase; then the sum, and what its row costs when it is purged. */
export function byPhase({ posts, ticks, tasks, purge }: CostAnswer): [string, Cost][] {
  const kinds = { posts, ticks };
  const phases = PHASES.map(([name, by, pattern]): [string, Cost] => {
    const costs = Object.entries(kinds[by]).filter(([kind]) => pattern.test(kind));
    return [name, each(sumOf(costs.map(([, cost]) => cost)), tasks)];
  });
  const left = Object.entries(kinds).flatMap(([by, counts]) =>
    Object.keys(counts).filter(
      (kind) => !PHASES.some(([, where, pattern]) => where === by && pattern.test(kind)),
    ),
  );
  if (left.length > 0) throw new Error(`No phase has what ${left.join(', ')} cost.`);
  const life = each(sumOf([total(posts), total(ticks)]), tasks);
  return [...phases, ['a task', life], ['its purge', each(total(purge), tasks)]];
}

export function sumOf(costs: readonly Cost[]): Cost {
  return costs.reduce(plus, noCost());
}

export function total(counts: Counts): Cost {
  return sumOf(Object.values(counts));
}

/** For a million tasks on the Paid plan, beyond what it includes: rows, and the request that posts each. Without CPU time. */
export function dollarsPerMillionTasks(life: Cost, purge: Cost): number {
  const { rowsWritten, rowsRead, requests } = DOLLARS_PER_MILLION;
  return (life.written + purge.written) * rowsWritten + (life.read + purge.read) * rowsRead + requests;
}

/** How many tasks a day the Free plan has rows for, the heartbeat of each minute taken off. */
export function tasksPerFreeDay(life: Cost, purge: Cost, idleMinute: Cost): number {
  const left = FREE_A_DAY.rowsWritten - idleMinute.written * MINUTES_A_DAY;
  return Math.floor(left / (life.written + purge.written));
}

function each(cost: Cost, tasks: number): Cost {
  return {
    written: cost.written / tasks,
    read: cost.read / tasks,
    statements: cost.statements / tasks,
    trips: cost.trips / tasks,
    fetches: cost.fetches / tasks,
  };
}

import { noCost, plus, type Cost, type Counts } from '../workers/shapes.ts';
import type { CostAnswer } from '../workers/shapes.ts';
import { DOLLARS_PER_MILLION, FREE_A_DAY } from './prices.ts';

const MINUTES_A_DAY = 1_440;

/** The phases of a task's life, by the statements and fetches that belong to them. */
const PHASES: readonly (readonly [string, 'posts' | 'ticks', RegExp])[] = [
  ['post: client, queue, row', 'posts', /^(select|insert)/],
  ['post: submitted', 'posts', /^(update|fetch)/],
  ['looks', 'ticks', /^select( tasks| durations)?$/],
  ['claims', 'ticks', /claim/],
  ['polls', 'ticks', /^fetch poll$/],
  ['end and delivery', 'ticks', /^(update (tasks|tasks \(outcome\)|accounts)|select clients)$/],
  ['callback and its log', 'ticks', /^fetch callback$|attempts/],
  ['statistics of durations, hosts', 'ticks', /^insert (durations|hosts)$/],
  ['heartbeat and tidying', 'ticks', /ticks|^delete/],
];

/** What a task costs, by phase; then the sum, and what its row costs when it is purged. */
export function byPhase({ posts, ticks, tasks, purge }: CostAnswer): [string, Cost][] {
  const kinds = { posts, ticks };
  const phases = PHASES.map(([name, by, pattern]): [string, Cost] => {
    const costs = Object.entries(kinds[by]).filter(([kind]) => pattern.test(kind));
    return [name, each(sumOf(costs.map(([, cost]) => cost)), tasks)];
  });
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

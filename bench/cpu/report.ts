import { aligned, percentile } from '../figures.ts';
import { median, type Measured } from './measured.ts';

const FOLDERS = 8;
const FUNCTIONS = 12;

/** What something took, and, of cron runs, what they did. */
export interface Row {
  readonly cpu: Measured;
  readonly polls: readonly number[];
  readonly d1Requests: readonly number[];
  /** Cron runs and legs of a minute. */
  readonly invocations: readonly number[];
}

/** What each took, and how far the rounds of it are apart. */
export function table(all: readonly Row[]): string {
  const rows = all.map(({ cpu, polls, d1Requests, invocations }) => [
    cpu.name,
    ...[median(cpu), Math.min(...cpu.rounds), Math.max(...cpu.rounds)].map((ms) => ms.toFixed(1)),
    String(cpu.rounds.length),
    ...[invocations, polls, d1Requests].map((each) =>
      each.length === 0 ? '' : String(percentile(each, 0.5)),
    ),
  ]);
  return aligned([
    ['CPU of the isolate, ms', 'median', 'lowest', 'highest', 'rounds', 'a minute', 'polls', 'to D1'],
    ...rows,
  ]);
}

/** Where it went, the most first. */
export function whereItWent({ name, spent, times }: Measured): string {
  const top = (counts: ReadonlyMap<string, number>, most: number): string[][] =>
    Array.from(counts)
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([what, ms]) => [`  ${what}`, (ms / times).toFixed(2), `${Math.round((100 * ms) / spent.ms)} %`]);
  return aligned([
    [name, 'ms', ''],
    ...top(spent.byFolder, FOLDERS),
    ['  by function', '', ''],
    ...top(spent.byFunction, FUNCTIONS),
  ]);
}

import { aligned } from '../figures.ts';
import type { Load } from './loads.ts';
import { fixed, learned, tenthOfAge } from './policies.ts';
import type { Policy } from './policies.ts';
import { figuresOf, simulate } from './simulate.ts';
import type { Figures } from './simulate.ts';

/** What a policy came to in a load: over its first tasks, when little is known, and when it has learned what it can. */
export interface Row {
  readonly name: string;
  readonly first: Figures;
  readonly warm: Figures;
}

/** What came of a load. */
export interface Measured {
  readonly load: Load;
  readonly all: readonly Row[];
  readonly fixed3: Row;
  readonly own: Row;
}

const FIRST_TASKS = 50;
const WARM_AFTER = 500;
const HEAD = ['polls', 'p50', 'p95', 'p99', 'first 50: polls', 'p50', 'p95'];

/** Every policy over the same tasks. `pollMinSeconds` is for Ringback's own. */
export function measure(load: Load, pollMinSeconds = 3): Measured {
  const fixed3 = rowOf(load, fixed(3));
  const own = rowOf(load, learned(pollMinSeconds));
  const rest = [fixed(5), fixed(10), tenthOfAge()].map((policy) => rowOf(load, policy));
  return { load, all: [fixed3, ...rest, own], fixed3, own };
}

/** The table of a load, between the oracle and what is known of the bound. */
export function tableOf({ load, all }: Measured, bound: number | null): string {
  const known =
    bound === null ? [] : [['no blind schedule, for p50 ≤ 2 s, p95 ≤ 5 s', `≥ ${bound.toFixed(1)}`]];
  const rows = all.map(({ name, warm, first }) => [name, ...cellsOf(warm), ...cellsOf(first).toSpliced(3)]);
  return aligned([
    [load.name, ...HEAD],
    ['oracle', '1.0', '0.0 s', '0.0 s', '0.0 s', '1.0', '0.0 s', '0.0 s'],
    ...known,
    ...rows,
  ]);
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function cellsOf({ polls, p50Ms, p95Ms, p99Ms }: Figures): string[] {
  return [polls.toFixed(1), seconds(p50Ms), seconds(p95Ms), seconds(p99Ms)];
}

function rowOf(load: Load, policy: Policy): Row {
  const seen = simulate(load, policy);
  // A load that is over before anything is learned is looked at as a whole.
  const warmAfter = seen.length > WARM_AFTER ? WARM_AFTER : 0;
  return {
    name: policy.name,
    first: figuresOf(seen.slice(0, FIRST_TASKS)),
    warm: figuresOf(seen.slice(warmAfter)),
  };
}

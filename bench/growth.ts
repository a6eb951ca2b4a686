/**
 * Whether ten times the active tasks cost ten times, and not more: polls a second of one invocation with 100 to 100,000
 * running tasks in the database and an upstream that answers at once. Then what workers add where upstream is far away. Then
 * the plans of the statements of the hot path over 100,000 rows, and what a look at what is due reads beside many rows that
 * are not. Exits with 1 where a statement reads a whole table, a look more than it may, where the time of a poll grows more than
 * threefold, where many tasks are polled more slowly than the docs say, or eight workers poll less than four times what one does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plansIn, scansOf } from './arena/plans.ts';
import { aligned } from './figures.ts';
import { measureLooks } from './growth/looks.ts';
import { FAR, measureCounts, measureWorkers, WORKERS, type Row } from './growth/measure.ts';

const MOST_GROWTH = 3;
const LEAST_GAIN = 4;
/** Polls a second of one invocation over 10,000 tasks and more: its whole budget of requests. */
const LEAST_RATE = 900;

const folder = mkdtempSync(join(tmpdir(), 'ringback-growth-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
process.exit((await grow()) ? 0 : 1);

async function grow(): Promise<boolean> {
  const near = mkdtempSync(join(folder, 'near-'));
  const rows = await measureCounts(near);
  const far = await measureWorkers(mkdtempSync(join(folder, 'far-')));
  print(tableOf('running tasks', rows));
  print(
    tableOf(`${FAR.count.toLocaleString('en')} tasks, upstream answers after ${FAR.answersAfterMs} ms`, far),
  );
  const plans = await plansIn(near);
  const scans = plans.flatMap((plan) =>
    scansOf(plan).map((step) => `${step}: ${plan.sql.trim().slice(0, 60)}…`),
  );
  const looks = await measureLooks();
  print(looks.table);
  return verdict({ rows, far, statements: plans.length, scans, tooMuch: looks.failures });
}

interface Measured {
  readonly rows: readonly Row[];
  readonly far: readonly Row[];
  readonly statements: number;
  /** Statements that read a whole table. */
  readonly scans: readonly string[];
  /** Looks that read more rows than they may. */
  readonly tooMuch: readonly string[];
}

function rateOf({ polls, seconds }: Row): number {
  return polls / seconds;
}

function perPollMs({ polls, cpuSeconds }: Row): number {
  return (cpuSeconds * 1_000) / polls;
}

function tableOf(name: string, rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const rate = rateOf(row);
    return [
      row.name,
      row.polls.toLocaleString('en'),
      rate.toFixed(0),
      `${(row.count / rate).toFixed(1)} s`,
      `${perPollMs(row).toFixed(1)} ms`,
      `${((100 * row.cpuSeconds) / row.seconds).toFixed(0)} %`,
    ];
  });
  return aligned([
    [name, 'polls', 'polls a second', 'a round of all', 'CPU a poll', 'of one processor'],
    ...cells,
  ]);
}

function verdict({ rows, far, statements, scans, tooMuch }: Measured): boolean {
  const [, small] = rows;
  const large = rows.at(-1);
  const growth = small === undefined || large === undefined ? NaN : perPollMs(large) / perPollMs(small);
  const [alone, most] = [far[0], far.at(-1)];
  const gain = alone === undefined || most === undefined ? NaN : rateOf(most) / rateOf(alone);
  const slowest = Math.min(...rows.slice(-2).map(rateOf));
  const claims: [boolean, string][] = [
    [
      slowest >= LEAST_RATE,
      `Of 10,000 tasks and more at least ${LEAST_RATE} are polled a second: ${slowest.toFixed(0)}.`,
    ],
    [
      growth <= MOST_GROWTH,
      `A poll among 100,000 tasks costs ${growth.toFixed(1)} times what it costs among 1,000.`,
    ],
    [
      gain >= LEAST_GAIN,
      `${WORKERS.at(-1)} workers poll ${gain.toFixed(1)} times what one does, where upstream is far away.`,
    ],
    [
      scans.length === 0,
      `None of ${statements} statements of the hot path reads a whole table. ${scans.join('; ')}`,
    ],
    [tooMuch.length === 0, `No look at what is due reads more than it may. ${tooMuch.join('; ')}`],
  ];
  print(claims.map(([holds, words]) => `${holds ? 'holds' : 'BROKEN'}  ${words}`).join('\n'));
  return claims.every(([holds]) => holds);
}

function print(text: string): void {
  process.stdout.write(`${text}\n\n`);
}

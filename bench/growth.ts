/**
 * Whether ten times the active tasks cost ten times, and not more: polls a second of one invocation, and how long its looks
 * and claims take, with 100 to 100,000 running tasks in the database and an upstream that answers at once. Then the plans of
 * the statements of the hot path over 100,000 rows: exits with 1 where one reads a whole table, or where the time of a poll
 * grows more than threefold.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insertRunning } from './arena/many-tasks.ts';
import { plansIn, scansOf } from './arena/plans.ts';
import { startRelay, type Relay } from './arena/relay.ts';
import { usageOf } from './arena/usage.ts';
import { ENDLESS_PATH, startUpstream, type Upstream } from './arena/upstream.ts';
import { aligned } from './figures.ts';

const COUNTS = [100, 1_000, 10_000, 100_000];
/** An upstream over the internet, which is what the connections of an invocation then wait for. */
const FAR = { count: 10_000, answersAfterMs: 100 };
/** One invocation's time for each count; all that is due is polled as fast as it goes. */
const TICK_SECONDS = 10;
const MOST_GROWTH = 3;

const folder = mkdtempSync(join(tmpdir(), 'ringback-growth-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
process.exit((await grow()) ? 0 : 1);

async function grow(): Promise<boolean> {
  const near = mkdtempSync(join(folder, 'near-'));
  const rows = await measureAll(near, COUNTS, 0);
  const far = await measureAll(mkdtempSync(join(folder, 'far-')), [FAR.count], FAR.answersAfterMs);
  print(tableOf('running tasks', rows));
  print(tableOf(`upstream answers after ${FAR.answersAfterMs} ms`, far));
  const plans = await plansIn(near);
  const scans = plans.flatMap((plan) =>
    scansOf(plan).map((step) => `${step}: ${plan.sql.trim().slice(0, 60)}…`),
  );
  return verdict(rows, plans.length, scans);
}

/** Ticks of one relay over a growing table. */
async function measureAll(
  persistTo: string,
  counts: readonly number[],
  answersAfterMs: number,
): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const upstream = await startUpstream(answersAfterMs);
  stack.defer(upstream.stop);
  const relay = await startRelay(
    { upstream: new URL(ENDLESS_PATH, upstream.url), folder: persistTo },
    { TICK_SECONDS: String(TICK_SECONDS), SUBREQUEST_BUDGET: '10000' },
  );
  stack.defer(relay.stop);
  const rows: Row[] = [];
  for (const count of counts) rows.push(await measure(relay, upstream, count));
  return rows;
}

/** One tick over so many tasks that are all due now. */
async function measure(relay: Relay, upstream: Upstream, count: number): Promise<Row> {
  await insertRunning(await relay.miniflare.getD1Database('DB'), count, Date.now());
  const cpuOf = (): number => usageOf(relay.pid)?.cpuSeconds ?? NaN;
  const [pollsBefore, cpuBefore, at] = [upstream.calls().polls, cpuOf(), Date.now()];
  await relay.tick();
  return {
    count,
    polls: upstream.calls().polls - pollsBefore,
    seconds: (Date.now() - at) / 1_000,
    cpuSeconds: cpuOf() - cpuBefore,
  };
}

interface Row {
  readonly count: number;
  readonly polls: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

function perPollMs({ polls, cpuSeconds }: Row): number {
  return (cpuSeconds * 1_000) / polls;
}

function tableOf(name: string, rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const rate = row.polls / row.seconds;
    return [
      row.count.toLocaleString('en'),
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

function verdict(rows: readonly Row[], statements: number, scans: readonly string[]): boolean {
  const [, small] = rows;
  const large = rows.at(-1);
  const growth = small === undefined || large === undefined ? NaN : perPollMs(large) / perPollMs(small);
  const claims: [boolean, string][] = [
    [
      growth <= MOST_GROWTH,
      `A poll among 100,000 tasks costs ${growth.toFixed(1)} times what it costs among 1,000.`,
    ],
    [
      scans.length === 0,
      `None of ${statements} statements of the hot path reads a whole table. ${scans.join('; ')}`,
    ],
  ];
  print(claims.map(([holds, words]) => `${holds ? 'holds' : 'BROKEN'}  ${words}`).join('\n'));
  return claims.every(([holds]) => holds);
}

function print(text: string): void {
  process.stdout.write(`${text}\n\n`);
}

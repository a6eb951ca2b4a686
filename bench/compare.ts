/**
 * The relay beside a plain poller and a Cloudflare Workflow, on the same work in the same run: how late callbacks come, and
 * what they cost. Exits with 1 where the relay loses or doubles a callback, or is later than 10 s at p95.
 */
import { writeFileSync } from 'node:fs';
import { readFlags, refuse, wholeNumber } from '../scripts/flags.ts';
import { chart } from './arena/chart.ts';
import { poller } from './arena/poller.ts';
import { relay } from './arena/relay.ts';
import { tableOf } from './arena/report.ts';
import { run, type Result } from './arena/run.ts';
import { workflow } from './arena/workflow.ts';
import { workOf } from './arena/works.ts';
import { percentile } from './figures.ts';

const DEFAULT_COUNTS = ['200', '2000'];
const MOST_P95_MS = 10_000;
const CONTENDERS = { relay, poller, workflow };
/** So few that they do not disturb each other. */
const TOGETHER = 200;

const HELP = `npm run bench -- [flags] [NUMBER…]    the relay beside a plain poller and a Cloudflare Workflow

  NUMBER         of tasks, one run for each (200 and 2000)
  --only NAME    relay, poller or workflow: that one alone
  --chart FILE   draws the last run as SVG`;

const { values: options, positionals } = readFlags(HELP, {
  options: { chart: { type: 'string' }, only: { type: 'string' } },
  allowPositionals: true,
});
const contenders = Object.entries(CONTENDERS).flatMap(([name, contender]) =>
  options.only === undefined || options.only === name ? [contender] : [],
);
if (contenders.length === 0) refuse(HELP, `--only takes ${Object.keys(CONTENDERS).join(', ')}.`);
process.exit((await compareAll(positionals.length === 0 ? DEFAULT_COUNTS : positionals)) ? 0 : 1);

async function compareAll(counts: readonly string[]): Promise<boolean> {
  let isKept = true;
  for (const count of counts.map((text) => wholeNumber(HELP, 'NUMBER', text))) {
    const results = await compare(count);
    process.stdout.write(`${tableOf(workOf(count).name, results)}\n\n`);
    if (options.chart !== undefined) writeFileSync(options.chart, chart(workOf(count).name, results));
    isKept &&= results.every((result) => result.contender !== relay.name || isGood(result));
  }
  if (!contenders.includes(relay)) return true;
  const words = `The relay lost nothing, doubled nothing, and 95 % of its callbacks came within ${MOST_P95_MS / 1_000} s`;
  process.stdout.write(`${isKept ? 'holds' : 'BROKEN'}  ${words}.\n`);
  return isKept;
}

async function compare(count: number): Promise<Result[]> {
  const work = workOf(count);
  if (count <= TOGETHER) return await Promise.all(contenders.map((contender) => run(contender, work)));
  const results: Result[] = [];
  for (const contender of contenders) {
    process.stderr.write(`… ${work.name}: ${contender.name}\n`);
    const result = await run(contender, work);
    process.stderr.write(`${tableOf(work.name, [result])}\n`);
    results.push(result);
  }
  return results;
}

function isGood({ lost, doubled, latenciesMs }: Result): boolean {
  return lost === 0 && doubled === 0 && percentile(latenciesMs, 0.95) <= MOST_P95_MS;
}

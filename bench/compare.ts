/**
 * Ringback beside BullMQ on Redis, a plain poller and a Cloudflare Workflow, on the same work in the same run: how late callbacks come,
 * and what they cost. Exits with 1 where a line that starts with `BROKEN` is printed.
 */
import { writeFileSync } from 'node:fs';
import { readFlags, refuse, wholeNumber } from '../scripts/flags.ts';
import { bullmq, lacksRedis } from './arena/bullmq.ts';
import { chart } from './arena/chart.ts';
import type { Contender } from './arena/contender.ts';
import { poller } from './arena/poller.ts';
import { relay } from './arena/relay.ts';
import { tableOf } from './arena/report.ts';
import { run, type Result, type Work } from './arena/run.ts';
import { stepsOf } from './arena/steps.ts';
import { burstClaims, claimsOf } from './arena/verdict.ts';
import { workflow, workflowOfRetries } from './arena/workflow.ts';
import { burstOf, workOf } from './arena/works.ts';

const BURST = 'burst';
const BURST_TASKS = 2_000;
const DEFAULT_WORKS = ['200', '2000', BURST];
const CONTENDERS = { ringback: relay, bullmq, poller, workflow, retries: workflowOfRetries };
/** The others are not made for so many at once, here: an instance of a Workflow is a database of its own. */
const OF_BURST: ReadonlySet<Contender> = new Set([relay, bullmq]);
/** So few that they do not disturb each other. */
const TOGETHER = 200;

const HELP = `npm run bench -- [flags] [WORK…]    Ringback beside BullMQ, a plain poller and a Cloudflare Workflow

  WORK           a number of tasks, or burst: ${BURST_TASKS} posted by 200 callers at once (200, 2000 and burst)
  --only NAME    ringback, bullmq, poller, workflow or retries (the Workflow whose polls are retries): that one alone
  --chart FILE   draws the last run that is no burst as SVG`;

const { values: options, positionals } = readFlags(HELP, {
  options: { chart: { type: 'string' }, only: { type: 'string' } },
  allowPositionals: true,
});
const lack = lacksRedis();
const contenders = Object.entries(CONTENDERS).flatMap(([name, contender]) =>
  options.only === undefined || options.only === name ? [contender] : [],
);
if (contenders.length === 0) refuse(HELP, `--only takes ${Object.keys(CONTENDERS).join(', ')}.`);
if (lack !== null && contenders.includes(bullmq)) process.stdout.write(`${lack}\n\n`);
process.exit((await compareAll(positionals.length === 0 ? DEFAULT_WORKS : positionals)) ? 0 : 1);

async function compareAll(names: readonly string[]): Promise<boolean> {
  let isKept = true;
  for (const name of names) {
    const isBurst = name === BURST;
    const work = isBurst ? burstOf(BURST_TASKS) : workOf(wholeNumber(HELP, 'WORK', name));
    const taking = contenders.filter(
      (one) =>
        (one !== bullmq || lack === null) && (!isBurst || options.only !== undefined || OF_BURST.has(one)),
    );
    const results = await compare(work, taking);
    process.stdout.write(`${tableOf(work.name, results)}\n${stepsOf(results)}\n`);
    if (options.chart !== undefined && !isBurst) writeFileSync(options.chart, chart(work.name, results));
    const [ours, theirs] = [relay, bullmq].map(({ name: of }) =>
      results.find(({ contender }) => contender === of),
    );
    if (ours === undefined) continue;
    const claims = isBurst ? burstClaims(ours, theirs ?? null) : claimsOf(ours);
    for (const { holds, words } of claims) process.stdout.write(`${holds ? 'holds' : 'BROKEN'}  ${words}\n`);
    process.stdout.write('\n');
    isKept &&= claims.every(({ holds }) => holds);
  }
  return isKept;
}

async function compare(work: Work, taking: readonly Contender[]): Promise<Result[]> {
  if (work.tasks.length <= TOGETHER)
    return await Promise.all(taking.map((contender) => run(contender, work)));
  const results: Result[] = [];
  for (const contender of taking) {
    process.stderr.write(`… ${work.name}: ${contender.name}\n`);
    const result = await run(contender, work);
    process.stderr.write(`${tableOf(work.name, [result])}\n`);
    results.push(result);
  }
  return results;
}

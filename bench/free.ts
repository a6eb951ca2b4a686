/**
 * What the Free plan carries: ten tasks of 75 to 105 s at a time, by Ringback in workerd with the settings of that plan, its cron
 * fired each minute and its queue consumed. Counts what each invocation asks for, and how late callbacks come. Exits with 1 where
 * one asks for more than the plan allows, or callbacks are lost, doubled or later than promised.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readFlags, wholeNumber } from '../scripts/flags.ts';
import { seededRandom } from '../sandbox/upstream/random.ts';
import { startFreeRelay } from './arena/free-relay.ts';
import { AN_INVOCATION, FREE_A_DAY, OPERATIONS_OF_MESSAGE } from './arena/prices.ts';
import { startSink } from './arena/sink.ts';
import { startUpstream } from './arena/upstream.ts';
import { percentile } from './figures.ts';
import type { InvocationCount } from './workers/shapes.ts';

const HELP = `npm run bench:free -- [flags]    what the Free plan carries

  --minutes NUMBER   for how long tasks are posted (4)
  --tasks NUMBER     at a time (10)
  --no-queue         without the queue: one invocation a minute`;

const MIN_SECONDS = 75;
const MAX_SECONDS = 105;
const PROMISED_MS = { p50: 5_000, p95: 15_000 };
/** Of the purge, 30 days later: `npm run bench:cost`. */
const ROWS_OF_PURGE = 3;
const MINUTES_A_DAY = 1_440;
/** What has not come so long after the last end is lost. */
const GRACE_MS = 90_000;
const LOOK_AGAIN_MS = 250;

const { values } = readFlags(HELP, {
  options: {
    minutes: { type: 'string', default: '4' },
    tasks: { type: 'string', default: '10' },
    'no-queue': { type: 'boolean', default: false },
  },
});
const forMs = wholeNumber(HELP, '--minutes', values.minutes) * 60_000;
const atATime = wholeNumber(HELP, '--tasks', values.tasks);
process.exit((await measure()) ? 0 : 1);

async function measure(): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const [upstream, sink] = await Promise.all([startUpstream(), startSink()]);
  stack.defer(upstream.stop);
  stack.defer(sink.stop);
  const relay = await startFreeRelay(upstream.url, !values['no-queue']);
  stack.defer(relay.stop);
  const random = seededRandom(1);
  const endsAt = Date.now() + forMs;
  let posted = 0;
  /** One task after the other, each posted as the one before ends upstream. */
  const line = async (index: number): Promise<void> => {
    await sleep((index * ((MIN_SECONDS + MAX_SECONDS) / 2) * 1_000) / atATime);
    while (Date.now() < endsAt) {
      const seconds = MIN_SECONDS + random() * (MAX_SECONDS - MIN_SECONDS);
      await relay.post({ seconds, callbackUrl: new URL(`/${posted++}`, sink.url).href, atMs: 0 });
      await sleep(seconds * 1_000);
    }
  };
  await Promise.all(Array.from({ length: atATime }, (_, index) => line(index)));
  const lastEnd = Date.now();
  while (sink.arrivals.size < posted && Date.now() < lastEnd + GRACE_MS) await sleep(LOOK_AGAIN_MS);
  const arrivals = Array.from(sink.arrivals.values());
  const { polls } = upstream.calls();
  return report(await relay.invocations(), { posted, polls, arrivals });
}

interface Load {
  readonly posted: number;
  readonly polls: number;
  readonly arrivals: readonly { readonly latencyMs: number; readonly times: number }[];
}

function report(invocations: readonly InvocationCount[], { posted, polls, arrivals }: Load): boolean {
  const late = arrivals.map(({ latencyMs }) => latencyMs);
  const [p50, p95, all] = [percentile(late, 0.5), percentile(late, 0.95), percentile(late, 1)];
  const doubled = arrivals.filter(({ times }) => times > 1).length;
  const most = (what: 'fetches' | 'd1Requests'): number => Math.max(...invocations.map((each) => each[what]));
  const of = (kind: InvocationCount['kind']): number =>
    invocations.filter((each) => each.kind === kind).length;
  const { fetches, d1Requests } = AN_INVOCATION.free;
  const rows = invocations.reduce((sum, { written }) => sum + written, 0) / posted + ROWS_OF_PURGE;
  // A cron's two messages are the most, however much there is to do.
  const operations = (of('leg') / of('cron')) * MINUTES_A_DAY * OPERATIONS_OF_MESSAGE;
  print(
    `${posted} tasks, ${atATime} at a time, ${(polls / posted).toFixed(1)} polls each; ${of('cron')} crons, ${of('leg')} legs called by a message.\n` +
      `${rows.toFixed(1)} rows written a task, its purge included: ${inThousands(FREE_A_DAY.rowsWritten / rows)} tasks a day.`,
  );
  const lines: [boolean, string][] = [
    [arrivals.length === posted && doubled === 0, `${arrivals.length} called back, ${doubled} twice`],
    [
      p50 <= PROMISED_MS.p50 && p95 <= PROMISED_MS.p95,
      `late by ${inSeconds(p50)} (p50), ${inSeconds(p95)} (p95), ${inSeconds(all)} (all); promised are ${inSeconds(PROMISED_MS.p50)} and ${inSeconds(PROMISED_MS.p95)}`,
    ],
    [most('fetches') <= fetches, `at most ${most('fetches')} fetches in one invocation, of ${fetches}`],
    [
      most('d1Requests') <= d1Requests,
      `at most ${most('d1Requests')} requests to D1 in one invocation, of ${d1Requests}`,
    ],
    [
      operations <= FREE_A_DAY.queueOperations,
      `${inThousands(operations)} operations of the queue, if it went on for a day, of ${inThousands(FREE_A_DAY.queueOperations)}`,
    ],
  ];
  for (const [holds, words] of lines) print(`${holds ? 'holds' : 'BROKEN'}  ${words}`);
  return lines.every(([holds]) => holds);
}

function inThousands(count: number): string {
  return Math.floor(count).toLocaleString('en');
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

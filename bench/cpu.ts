/**
 * CPU time of the Worker's own isolate, by V8's profiler through workerd's inspector, on the Free plan's settings: of cron runs
 * with nothing to do and with some tasks, of a post, of a page of the console, and of a cold start; and where it goes. D1 and
 * upstream are other isolates and another process, and are not in it. Exits with 1 where a cron run takes more than
 * docs/performance.md promises.
 */
import { parseArgs } from 'node:util';
import { percentile } from './figures.ts';
import { startSink } from './arena/sink.ts';
import { startUpstream } from './arena/upstream.ts';
import { buildRelay } from './cpu/built.ts';
import { median } from './cpu/measured.ts';
import { measureMinutes, type Minutes } from './cpu/minutes.ts';
import { table, whereItWent, type Row } from './cpu/report.ts';
import { measureRequests } from './cpu/requests.ts';

/** What a cron run, or a leg of it, may take, in ms: the Free plan ends a Worker that takes more than 10 ms time and again. */
const MOST_IDLE_MS = 5;
const MOST_THREE_MS = 10;

const IDLE = { name: 'a cron run with nothing to do', tasks: 0, most: MOST_IDLE_MS };
const THREE = { name: 'with 3 tasks', tasks: 3, most: MOST_THREE_MS };
const LOADS: readonly (Minutes & { most: number })[] = [
  { ...IDLE, isFresh: false },
  { name: 'with 1 task', tasks: 1, most: Infinity, isFresh: false },
  { ...THREE, isFresh: false },
  { name: 'with 10 tasks', tasks: 10, most: Infinity, isFresh: false },
  { name: 'with 30 tasks', tasks: 30, most: Infinity, isFresh: false },
  { ...IDLE, name: 'the first cron run of an isolate, with nothing to do', most: Infinity, isFresh: true },
  { ...THREE, name: 'the first, with 3 tasks', most: Infinity, isFresh: true },
];

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '3' }, only: { type: 'string' } },
});
const isWanted = (name: string): boolean =>
  values.only === undefined || values.only.split(',').includes(name);
const loads = LOADS.filter(({ tasks, isFresh }) => isWanted(`${tasks}${isFresh ? '-fresh' : ''}`));

const upstream = await startUpstream();
const sink = await startSink();
const world = { built: await buildRelay(), upstream: upstream.url, sink: sink.url };
const requests = isWanted('requests') ? await measureRequests(world) : [];
// Side by side: each sleeps most of its minute.
const minutes = await Promise.all(
  loads.map(async (load) => ({ load, ...(await measureMinutes(world, load, Number(values.minutes))) })),
);
await upstream.stop();
await sink.stop();

const rows: Row[] = [
  ...minutes,
  ...requests.map((cpu) => ({ cpu, polls: [], d1Requests: [], invocations: [] })),
];
print(table(rows));
for (const { cpu } of rows) print(`\n${whereItWent(cpu)}`);
const samples = minutes.flatMap(({ calibrations }) => calibrations);
const [rarest, usual, oftenest] = [1, 0.5, 0.01].map((share) => percentile(samples, share).toFixed(3));
print(
  `\nA sample stood for ${usual} ms of CPU time (median of ${samples.length} times that a Worker span beside what was measured, ${oftenest} to ${rarest}).`,
);
const verdicts = minutes.map(({ load: { name, most }, cpu }) => {
  const holds = median(cpu) <= most;
  if (most < Infinity)
    print(`${holds ? 'holds' : 'BROKEN'}  ${name}: ${median(cpu).toFixed(1)} ms, of ${most}`);
  return holds;
});
process.exit(verdicts.every(Boolean) ? 0 : 1);

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

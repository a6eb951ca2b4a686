import { setTimeout as sleep } from 'node:timers/promises';
import { buildRelay } from '../cpu/built.ts';
import { measured, median, type Measured } from '../cpu/measured.ts';
import { newClient, post } from '../cpu/posts.ts';
import { startMeasured, type MeasuredRelay } from '../cpu/relay.ts';
import { aligned } from '../figures.ts';
import { bodyOf, type Source } from './source.ts';

const ROUNDS = 3;
/** Callbacks that came with a run are counted by then. */
const SOON_MS = 100;
/** Ends that one cron run sees, by what their files are: enough for a sample each millisecond to count them. */
const WORKS = [
  { prompt: '1000', name: '1 KB', tasks: 10 },
  { prompt: '1000000', name: '1 MB', tasks: 10 },
  { prompt: '10000000', name: '10 MB', tasks: 10 },
  { prompt: '100000000', name: '100 MB', tasks: 2 },
  { prompt: '100000000 chunked', name: '100 MB, no length', tasks: 2 },
] as const;
const VARS = { POLL_MIN_SECONDS: '1', TICK_SECONDS: '2', SUBREQUEST_BUDGET: '9000', KEEP_MAX_MB: '1000' };

/**
 * CPU time of the Worker's own isolate for a file, by V8's profiler: what cron runs take whose tasks are kept, less what the same
 * runs take where they are not. The bucket is another isolate, and not in it.
 */
export async function cpuOfFiles(source: Source): Promise<string> {
  const relay = await startMeasured(await buildRelay(), source.url, 1, VARS);
  try {
    const key = await newClient(relay, 'http');
    // Neither what is evaluated once nor what is compiled late is a file's.
    for (const { prompt } of WORKS) await roundOf({ relay, source, key }, { prompt, tasks: 1 }, true);
    const rows: string[][] = [];
    // What is not kept costs the same, whatever its size.
    const notKept = new Map<number, number>();
    for (const { name, ...work } of WORKS) {
      const kept = median(await rounds({ relay, source, key }, work, true));
      const told = notKept.get(work.tasks) ?? median(await rounds({ relay, source, key }, work, false));
      notKept.set(work.tasks, told);
      const each = [kept, told, kept - told];
      rows.push([name, String(work.tasks), ...each.map((ms) => ms.toFixed(1))]);
    }
    return aligned([['a file of', 'tasks a run', 'ms a task, kept', 'not kept', 'ms a file'], ...rows]);
  } finally {
    await relay.stop();
  }
}

interface Bench {
  readonly relay: MeasuredRelay;
  readonly source: Source;
  readonly key: string;
}

interface Work {
  readonly prompt: string;
  readonly tasks: number;
}

async function rounds(bench: Bench, work: Work, keeps: boolean): Promise<Measured> {
  const spent = [];
  for (let round = 0; round < ROUNDS; round++) spent.push(await roundOf(bench, work, keeps));
  return measured(work.prompt, spent, work.tasks);
}

/** Tasks that have ended already, and as many cron runs as they need to be told. */
async function roundOf({ relay, source, key }: Bench, { prompt, tasks }: Work, keeps: boolean) {
  for (let task = 0; task < tasks; task++)
    await post(relay, 'http', { path: '/v1/tasks', token: key, body: bodyOf(source, prompt, keeps) });
  return await relay.profiled(0, async () => {
    const told = source.told(tasks).then(() => true);
    do await relay.tick(0);
    while (!(await Promise.race([told, sleep(SOON_MS, false)])));
  });
}

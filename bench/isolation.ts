/**
 * How much later callbacks come to a healthy receiver when others hang or never come to an end: the ratio of the p95
 * latency beside them to the p95 alone, in one run on this machine. With `--neighbours`: how much later one client's come beside
 * another that does what it can. Exits with 1 where a ratio is above 2 or a callback is lost.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFlags } from '../scripts/flags.ts';
import { ratioOfP95, table } from './figures.ts';
import { compareNeighbours } from './neighbours/compare.ts';
import { measure, type Measured, type Phase } from './phase.ts';
import { endlessReceiver, hangingReceiver, healthyReceiver } from './receivers.ts';

const MAX_RATIO = 2;
const HELP = `npm run bench:isolation -- [--neighbours]

  --neighbours   one client beside another, instead of one receiver beside others (about 12 minutes)`;
const { neighbours = false } = readFlags(HELP, { options: { neighbours: { type: 'boolean' } } }).values;
const MAX_RUN_MS = neighbours ? 1_200_000 : 350_000;
const ALONE: Phase = { name: 'alone', others: [] };
/** What twice the tasks do by themselves, where every receiver is well: no part of the verdict, but of how to read it. */
const LOAD: Phase = { name: 'beside 1 host that is healthy too', others: [healthyReceiver] };
const BESIDE: Phase[] = [1, 5].map((hosts) => ({
  name: `beside ${hosts} that hang, ${hosts} endless`,
  others: Array.from({ length: hosts }, () => [hangingReceiver, endlessReceiver]).flat(),
}));

/** Subscribers of the healthy receiver's own client: all of them well, and half of them hanging. */
const TOLD: Phase = { name: '20 subscribers', others: [], subscribers: { all: 20, hanging: 0 } };
const HALF_TOLD: Phase = {
  name: '20 subscribers, of which 10 hang',
  others: [],
  subscribers: { all: 20, hanging: 10 },
};

const folder = mkdtempSync(join(tmpdir(), 'ringback-bench-'));
// At the exit, so that Ctrl-C leaves nothing behind either; wrangler ends what it started by its own exit hook.
process.once('exit', () => {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  } catch {
    // The outcome does not depend on it.
  }
});
setTimeout(() => {
  process.stderr.write(`The bench was not through after ${MAX_RUN_MS / 1_000} s.\n`);
  process.exit(1);
}, MAX_RUN_MS).unref();
process.exit(neighbours ? await runNeighbours() : await runBench());

async function runNeighbours(): Promise<number> {
  return (await compareNeighbours(folder, printApart)) ? 0 : 1;
}

function printApart(text: string): void {
  process.stdout.write(`${text}\n\n`);
}

/** Runs the phases one after the other, and prints what they came to; the exit code. */
async function runBench(): Promise<number> {
  const alone = await run(ALONE);
  const load = await run(LOAD);
  const beside: Measured[] = [];
  for (const phase of BESIDE) beside.push(await run(phase));
  const [told, halfTold] = [await run(TOLD), await run(HALF_TOLD)];
  const toSubscribers = [told, halfTold].flatMap((measured) => measured.told ?? []);
  const rows = [load, ...beside, told, halfTold, ...toSubscribers];
  const lost = [alone, ...rows].reduce((sum, measured) => sum + measured.lost, 0);
  const [well, half] = toSubscribers;
  const ratio = Math.max(
    ...[...beside, halfTold].map((measured) => ratioOfP95(measured, alone)),
    well === undefined || half === undefined ? NaN : ratioOfP95(half, well),
  );
  // NaN, where nothing came at all, is no pass.
  const isBounded = ratio <= MAX_RATIO;
  process.stdout.write(`\n${table([alone, ...rows])}\n\n`);
  process.stdout.write(
    `The ratio of p95 is ${isBounded ? 'at most' : 'NOT at most'} ${MAX_RATIO}: ${ratio.toFixed(2)} at its worst.` +
      `${lost === 0 ? '' : ` ${lost} callbacks did not come.`}\n`,
  );
  return isBounded && lost === 0 ? 0 : 1;
}

async function run(phase: Phase): Promise<Measured> {
  process.stderr.write(`… ${phase.name}\n`);
  return await measure(phase, mkdtempSync(join(folder, 'phase-')));
}

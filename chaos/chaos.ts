/**
 * Ringback on its real runtime, killed again and again under load while upstream and the receivers misbehave, and then five
 * crons at once with nothing broken. Exits with 1 where something was lost, paid twice or told twice in different words, or a
 * caller's retry waited too long.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFlags, wholeNumber } from '../scripts/flags.ts';
import type { RunPlan } from './plan.ts';
import { prepare } from './prepare.ts';
import { run, type RunResult } from './run.ts';
import { table } from './table.ts';

const MAX_RUN_MS = 200_000;
const MAX_RUN_MS_PER_KILL = 15_000;
const FAULT_RATE = 0.1;
const MAX_WORDS = 10;
const INTERRUPTED_EXIT_CODE = 130;

const HELP = `npm run chaos -- [flags]    Ringback on its real runtime, killed under load

  --tasks NUMBER   how many tasks are posted (200)
  --kills NUMBER   how often Ringback is killed meanwhile (6)
  --seed NUMBER    of all that is random (1)`;

const { values } = readFlags(HELP, {
  options: {
    tasks: { type: 'string', default: '200' },
    kills: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
  },
});
const tasks = wholeNumber(HELP, '--tasks', values.tasks);
const kills = wholeNumber(HELP, '--kills', values.kills);
const seed = wholeNumber(HELP, '--seed', values.seed);
const folder = mkdtempSync(join(tmpdir(), 'ringback-chaos-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(INTERRUPTED_EXIT_CODE));
}
const maxRunMs = MAX_RUN_MS + kills * MAX_RUN_MS_PER_KILL;
setTimeout(() => {
  process.stderr.write(`It was not through after ${maxRunMs / 1_000} s.\n`);
  process.exit(1);
}, maxRunMs).unref();
process.exit(await main());

async function main(): Promise<number> {
  const plans: RunPlan[] = [
    { name: 'kills and faults', tasks, kills, crons: 3, faultRate: FAULT_RATE, seed },
    { name: 'five crons at once', tasks, kills: 0, crons: 5, faultRate: 0, seed },
  ];
  const prepared = await prepare(folder);
  const results: RunResult[] = [];
  for (const [index, plan] of plans.entries()) {
    process.stderr.write(`… ${plan.name}\n`);
    const own = join(folder, String(index));
    mkdirSync(own);
    results.push(await run(plan, prepared, own));
  }
  process.stdout.write(`\n${table(results)}\n\n`);
  const failures = results.flatMap(failuresOf);
  process.stdout.write(
    failures.length === 0
      ? `Seed ${seed}: nothing lost, nothing paid twice, nothing told in two ways, no retry left waiting, each kept file as it was.\n`
      : `Seed ${seed} FAILED:\n${failures.join('\n')}\n`,
  );
  return failures.length === 0 ? 0 : 1;
}

function failuresOf({ plan, verdict, errors }: RunResult): string[] {
  const { lost, paidTwice, wrongDoubles, wrongAnswers, slowRetries, wrongFiles } = verdict;
  const kinds: [string, readonly string[]][] = [
    ['LOST', lost],
    ['PAID TWICE', paidTwice],
    ['WRONG DOUBLES', wrongDoubles],
    ['WRONG ANSWERS', wrongAnswers],
    ['SLOW RETRIES', slowRetries],
    ['WRONG FILES', wrongFiles],
    ['ERRORS', errors],
  ];
  return kinds.flatMap(([kind, words]) =>
    words.slice(0, MAX_WORDS).map((text) => `${kind} (${plan.name}): ${text}`),
  );
}

/** Ringback over a simulated clock, network, upstream and D1, seed by seed. Exits with 1 where something did not hold. */
import './json-modules.ts';
import { readFlags, wholeNumber } from '../scripts/flags.ts';
import { runSeeds } from './pool.ts';
import type { SeedReport } from './run-seed.ts';

const HELP = `npm run simulate -- [flags]    Ringback in a simulated world where everything fails

  --seeds NUMBER   how many seeds to run (100)
  --from NUMBER    the first of them (1)
  --stop           ends at the first that fails
  --seed NUMBER    runs this one alone, and prints its trace`;

const { values } = readFlags(HELP, {
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    stop: { type: 'boolean', default: false },
  },
});

process.exitCode = (
  values.seed === undefined ? await simulate() : await replay(wholeNumber(HELP, '--seed', values.seed))
)
  ? 0
  : 1;

async function replay(seed: number): Promise<boolean> {
  const { runSeed } = await import('./run-seed.ts');
  const report = await runSeed(seed, (line) => process.stdout.write(`${line}\n`));
  console.log(
    `Seed ${seed}, trace ${report.digest}: ${report.violation === null ? 'all holds' : words(report)}`,
  );
  return report.violation === null;
}

async function simulate(): Promise<boolean> {
  const startedAt = performance.now();
  const reports: SeedReport[] = [];
  await runSeeds({
    from: wholeNumber(HELP, '--from', values.from),
    seeds: wholeNumber(HELP, '--seeds', values.seeds),
    stopsAtFirst: values.stop,
    onReport: (report) => {
      reports.push(report);
      if (report.violation !== null) {
        console.log(`Seed ${report.seed}: ${words(report)}\n  npm run simulate -- --seed ${report.seed}`);
      }
    },
  });
  const failed = reports.filter(({ violation }) => violation !== null).length;
  const sum = (of: (report: SeedReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(
    `${reports.length} seeds in ${seconds} s: ${sum(({ tasks }) => tasks)} tasks, ` +
      `${sum(({ ticks }) => ticks)} ticks, ${sum(({ callbacks }) => callbacks)} callbacks, ` +
      `${sum(({ faults }) => faults)} faults; ${failed} seeds failed`,
  );
  return failed === 0;
}

function words({ violation }: SeedReport): string {
  return `${violation?.invariant}: ${violation?.words}`;
}

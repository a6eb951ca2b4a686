/**
 * Does the simulation find bugs? Plants each of `mutant-list.ts` in a copy of Ringback, and counts the seeds until an
 * invariant breaks. Exits with 1 where a bug is not found, or its place is no longer in the code.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readFlags, wholeNumber } from '../scripts/flags.ts';
import { MUTANTS } from './mutant-list.ts';
import type { Mutant } from './mutant-list.ts';

const ROOT = join(import.meta.dirname, '..');
const COPIED = ['migrations', 'package.json', 'sandbox', 'scripts', 'simulation', 'src'];
const MAX_MS = 900_000;
const HELP = `npm run simulate:mutants -- [flags]    are planted bugs found?

  --seeds NUMBER   a bug that takes more than these to be found is not found (300)
  --only WORDS     those bugs alone whose description has these words`;

const { values } = readFlags(HELP, {
  options: { seeds: { type: 'string', default: '300' }, only: { type: 'string', default: '' } },
});
const maxSeeds = wholeNumber(HELP, '--seeds', values.seeds);

interface Finding {
  /** Null where nothing broke. */
  readonly invariant: string | null;
  readonly seeds: number;
}

const folder = mkdtempSync(join(tmpdir(), 'ringback-mutants-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const found: boolean[] = [];
console.log('| planted bug | found by | seeds |\n| --- | --- | --- |');
for (const [index, mutant] of MUTANTS.filter(({ bug }) => bug.includes(values.only)).entries()) {
  const finding = await tryMutant(join(folder, String(index)), mutant);
  found.push(finding !== null && finding.invariant !== null);
  const words = finding === null ? `ITS PLACE IN ${mutant.file} IS GONE` : (finding.invariant ?? 'NOT FOUND');
  console.log(`| ${mutant.bug} | ${words} | ${finding?.seeds ?? '-'} |`);
}
process.exitCode = found.every(Boolean) ? 0 : 1;

/** Null where the text to be changed does not stand in its file exactly once. */
async function tryMutant(copy: string, { file, text, instead }: Mutant): Promise<Finding | null> {
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(text).length !== 2) return null;
  writeFileSync(
    path,
    source.replace(text, () => instead),
  );
  const args = [join(copy, 'simulation', 'simulate.ts'), '--seeds', String(maxSeeds), '--stop'];
  // It exits with 1 where it finds something.
  const run = promisify(execFile)(process.execPath, args, { cwd: copy, timeout: MAX_MS });
  const { stdout: output, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  const invariant = /^Seed \d+: ([^:]+):/m.exec(output)?.[1] ?? null;
  const seeds = /^(\d+) seeds in/m.exec(output)?.[1];
  if (seeds === undefined) throw new Error(`the simulation broke: ${output}${stderr}`);
  return { invariant, seeds: Number(seeds) };
}

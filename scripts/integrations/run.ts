import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

/** Runs a program of Node in a folder, and shows what it prints. Rejects where it fails. */
export async function runIn(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
}

/** What a program of Node in a folder prints. Rejects where it fails, with that. */
export async function outputOf(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const options = { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 64 * 1_024 * 1_024 };
  return (await promisify(execFile)(process.execPath, [...args], options)).stdout;
}

/** Installs the packages of a folder, without their install scripts. */
export async function npmInstall(folder: string): Promise<void> {
  const npm = process.env['npm_execpath'];
  if (npm === undefined) throw new Error('Start this with `npm run`: it installs with npm.');
  await runIn(folder, [npm, 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './worker.ts';

const MIGRATE_TIMEOUT_MS = 60_000;
const WRANGLER = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');

/** Applies `migrations/` to Ringback's local database in this folder, as an operator would by hand. */
export async function applyMigrations(persistTo: string): Promise<void> {
  await runWrangler(['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', persistTo]);
}

/** Runs a file of SQL on that database; only while no relay runs on it. */
export async function executeSql(persistTo: string, file: string): Promise<void> {
  await runWrangler(['d1', 'execute', 'DB', '--local', '--persist-to', persistTo, '--file', file, '--yes']);
}

async function runWrangler(command: readonly string[]): Promise<void> {
  // CI: nobody is asked a question.
  const env = { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false' };
  const running = promisify(execFile)(process.execPath, [WRANGLER, ...command], {
    cwd: ROOT,
    env,
    timeout: MIGRATE_TIMEOUT_MS,
  });
  const stop = (): boolean => running.child.kill();
  process.once('exit', stop);
  await running.finally(() => process.off('exit', stop));
}

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applyMigrations } from '../scripts/migrate.ts';
import { withBucket } from '../scripts/setup/wrangler-toml.ts';
import { ROOT } from '../scripts/worker.ts';

const BUNDLE_TIMEOUT_MS = 60_000;
const WRANGLER = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
const SOURCE = 'main = "src/index.ts"';
/** The texts of the guides: once bundled they stand beside the Worker, under names of their own. */
const GUIDES = /"\*\*\/recipes\/(?:code\/)?\*\.(md|mjs|py)"/g;

/** What every run starts from: Ringback as it would be uploaded, and a migrated database. */
export interface Prepared {
  /** The wrangler.toml. */
  config: string;
  /** Puts a fresh database into a folder. */
  freshDatabase: (folder: string) => void;
}

/**
 * Bundles Ringback once, so that it is back soon after a kill and leaves nothing in the repository; with the settings of
 * its wrangler.toml.
 */
export async function prepare(folder: string): Promise<Prepared> {
  const database = join(folder, 'migrated');
  mkdirSync(database);
  const settings = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
  if (!settings.includes(SOURCE)) throw new Error(`wrangler.toml has no line ${SOURCE}`);
  const config = join(folder, 'wrangler.toml');
  const bundled = settings
    .replace(SOURCE, 'main = "bundle/index.js"\nno_bundle = true')
    .replaceAll(GUIDES, '"**/*.$1"');
  writeFileSync(config, withBucket(bundled, 'results'));
  await Promise.all([bundle(join(folder, 'bundle')), applyMigrations(database)]);
  return { config, freshDatabase: (to) => cpSync(database, to, { recursive: true }) };
}

async function bundle(to: string): Promise<void> {
  const command = ['deploy', '--dry-run', '--outdir', to];
  const env = { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false' };
  await promisify(execFile)(process.execPath, [WRANGLER, ...command], {
    cwd: ROOT,
    env,
    timeout: BUNDLE_TIMEOUT_MS,
  });
}

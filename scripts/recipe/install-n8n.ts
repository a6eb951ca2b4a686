import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT } from '../worker.ts';
import { runNode } from './run.ts';

export const N8N_VERSION = '2.41.1';
/** git ignores it; about 3 GB. Delete it to install afresh. */
export const N8N_FOLDER = join(ROOT, '.wrangler', 'recipes', 'n8n');

const INSTALL_TIMEOUT_MS = 20 * 60_000;
const BUILD_TIMEOUT_MS = 10 * 60_000;
const LOOK_TIMEOUT_MS = 30_000;
/** Written last, so that an install that was interrupted is taken up again. */
const MARK = join(N8N_FOLDER, 'installed');

/** Whether an earlier run has installed this very version. */
export async function isInstalled(): Promise<boolean> {
  return (await readFile(MARK, 'utf8').catch(() => null)) === N8N_VERSION;
}

/**
 * Installs n8n beside the project, never into it.
 *
 * Without install scripts: of some 2,400 packages only sqlite3 needs its own to run n8n, and others build or download for
 * minutes what is not used here. Needs Python and a C++ compiler, as node-gyp does; without them, what sqlite3 downloads.
 */
export async function installN8n(): Promise<void> {
  await mkdir(N8N_FOLDER, { recursive: true });
  await writeFile(join(N8N_FOLDER, 'package.json'), '{ "private": true }\n');
  const npm = npmProgram();
  const flags = ['--prefix', N8N_FOLDER, '--no-audit', '--no-fund', '--loglevel=error'];
  await runNode([npm, 'install', `n8n@${N8N_VERSION}`, '--ignore-scripts', ...flags], {
    folder: N8N_FOLDER,
    timeoutMs: INSTALL_TIMEOUT_MS,
  });
  if (!(await sqliteLoads())) {
    const build = { folder: join(N8N_FOLDER, 'node_modules', 'sqlite3'), timeoutMs: BUILD_TIMEOUT_MS };
    const gyp = join(dirname(npm), '..', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
    try {
      await runNode([gyp, 'rebuild', ...nodeHeaders()], build);
    } catch {
      // No compiler, most likely: its own script downloads a binary from its releases.
      await runNode([npm, 'rebuild', 'sqlite3', ...flags], { ...build, folder: N8N_FOLDER });
    }
    if (!(await sqliteLoads()))
      throw new Error('sqlite3, which n8n keeps its data with, could not be built.');
  }
  await writeFile(MARK, N8N_VERSION);
}

/** npm's own script, which `npm run` names. */
function npmProgram(): string {
  const npm = process.env['npm_execpath'];
  if (npm === undefined) throw new Error('Start this with `npm run recipe:n8n`: it installs n8n with npm.');
  return npm;
}

async function sqliteLoads(): Promise<boolean> {
  const look = ['-e', "require('sqlite3')"];
  return await runNode(look, { folder: N8N_FOLDER, timeoutMs: LOOK_TIMEOUT_MS }).then(
    () => true,
    () => false,
  );
}

/** The headers that come with the Node that runs this, so that none are downloaded; nothing where it has none. */
function nodeHeaders(): string[] {
  const prefix = join(dirname(process.execPath), '..');
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const names = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`];
  const places = [
    prefix,
    ...[prefix, ROOT].flatMap((root) => names.map((name) => join(root, 'node_modules', name))),
  ];
  const found = places.find((place) => existsSync(join(place, 'include', 'node', 'node_api.h')));
  return found === undefined ? [] : [`--nodedir=${found}`];
}

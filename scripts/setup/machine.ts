import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../worker.ts';

const WRANGLER = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
const OWNER_ONLY = 0o600;
const SAMPLE_ADDRESS = 'https://ringback.your-name.workers.dev';
const REQUEST_TIMEOUT_MS = 20_000;

/** What became of a command. */
export interface Finished {
  readonly isOk: boolean;
  readonly stdout: string;
}

/** All that the setup does to the world, so that a dry run can print it instead. */
export interface Machine {
  say(text: string): void;
  /** Runs wrangler on the person's terminal, so that it may ask; with `reads`, what it prints is only read. */
  wrangler(
    args: readonly string[],
    options?: { reads?: boolean; env?: Record<string, string> },
  ): Promise<Finished>;
  /** Null where there is no such file. Paths are relative to the repository. */
  read(path: string): string | null;
  /** @param about what the dry run says of the content, which may be secret */
  write(path: string, content: string, about: string): void;
  fetch(url: string, init?: RequestInit): Promise<Response>;
  sleep(ms: number): Promise<void>;
}

/** This machine, with its terminal, its files and its network. */
export const THIS_MACHINE: Machine = {
  say: (text) => console.log(text),
  wrangler: run,
  read: readOrNull,
  write: (path, content) => writeFileSync(join(ROOT, path), content, { mode: OWNER_ONLY }),
  fetch: async (url, init) => await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }),
  sleep: async (ms) => await sleep(ms),
};

/** Prints each command, file and request of a first setup, and does none of them. */
export const DRY_MACHINE: Machine = {
  say: (text) => console.log(text),
  wrangler: async (args, { env = {} } = {}) => {
    console.log(`  $ npx wrangler ${args.join(' ')}`);
    const told = env['WRANGLER_OUTPUT_FILE_PATH'];
    if (told !== undefined)
      writeFileSync(told, JSON.stringify({ type: 'deploy', targets: [SAMPLE_ADDRESS] }));
    return { isOk: true, stdout: '' };
  },
  // What stands in the repository is read; secrets of an earlier setup are not looked for.
  read: (path) => (path === basename(path) ? readOrNull(path) : null),
  write: (path, _, about) => console.log(`  write ${path}: ${about}`),
  fetch: async (url, init) => {
    console.log(`  ${init?.method ?? 'GET'} ${url}`);
    return Response.json({ data: [], key: 'rb_…', signing_secret: 'whsec_…' });
  },
  sleep: async () => undefined,
};

async function run(
  args: readonly string[],
  { reads = false, env = {} }: { reads?: boolean; env?: Record<string, string> } = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', ...env },
    stdio: ['inherit', reads ? 'pipe' : 'inherit', 'inherit'],
  });
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { isOk: code === 0, stdout };
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return null;
  }
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Machine } from './machine.ts';

/** Something that the person has to do; its message says what. */
export class SetupError extends Error {}

const accountsShape = z.object({ accounts: z.array(z.object({ id: z.string(), name: z.string() })) });
const databasesShape = z.array(z.object({ name: z.string() }));
const bucketShape = z.object({ name: z.string() });
const deployShape = z.object({ type: z.literal('deploy'), targets: z.array(z.string()) });
/** As wrangler tells of workers.dev and of custom domains; a route or a schedule is no address. */
const ADDRESS = /^(https:\/\/\S+|\S+\.workers\.dev|\S+ \(custom domain.*\))$/;
const NOBODY_ANSWERS = { CI: 'true' };

/** Stops unless wrangler is signed in, to one account or with one chosen. */
export async function requireSignIn(machine: Machine): Promise<void> {
  const { isOk, stdout } = await machine.wrangler(['whoami', '--json'], { reads: true });
  if (!isOk) {
    throw new SetupError(
      'wrangler is not signed in to Cloudflare. Run `npx wrangler login`, then this again. On a machine without a browser, ' +
        'set CLOUDFLARE_API_TOKEN (dashboard → My Profile → API Tokens → template "Edit Cloudflare Workers", and D1: Edit, Queues: Edit).',
    );
  }
  const accounts = parsed(accountsShape, stdout)?.accounts ?? [];
  if (accounts.length > 1 && process.env['CLOUDFLARE_ACCOUNT_ID'] === undefined) {
    const list = accounts.map(({ id, name }) => `  ${id}  ${name}`).join('\n');
    throw new SetupError(
      `You have several accounts. Set CLOUDFLARE_ACCOUNT_ID to one of them, then run this again:\n${list}`,
    );
  }
}

export async function hasDatabase(machine: Machine, name: string): Promise<boolean> {
  const { isOk, stdout } = await machine.wrangler(['d1', 'list', '--json'], { reads: true });
  if (!isOk) throw new SetupError('wrangler could not list your databases; what it said is above.');
  return (parsed(databasesShape, stdout) ?? []).some((database) => database.name === name);
}

export async function createDatabase(machine: Machine, name: string): Promise<void> {
  // wrangler.toml stays without an id: wrangler finds the database by its name.
  await must(machine, ['d1', 'create', name, '--no-update-config'], 'The database was not created');
}

/** Whether the account has this bucket; it has none where R2 is not switched on. */
export async function hasBucket(machine: Machine, name: string): Promise<boolean> {
  const there = await machine.wrangler(['r2', 'bucket', 'info', name, '--json'], { reads: true });
  return there.isOk && parsed(bucketShape, there.stdout) !== null;
}

/** Makes the bucket, unless it is there. False where the account takes none: R2 has to be switched on by hand, once. */
export async function createBucket(machine: Machine, name: string): Promise<boolean> {
  if (await hasBucket(machine, name)) return true;
  const { isOk } = await machine.wrangler(['r2', 'bucket', 'create', name, '--no-update-config']);
  return isOk;
}

export async function migrate(machine: Machine): Promise<void> {
  const { isOk } = await machine.wrangler(['d1', 'migrations', 'apply', 'DB', '--remote'], {
    env: NOBODY_ANSWERS,
  });
  if (!isOk) throw new SetupError('The tables were not made; what wrangler said is above. Run this again.');
}

/** Uploads the Worker, and gives the address that it has then. */
export async function deploy(machine: Machine, args: readonly string[] = []): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-setup-'));
  const output = join(folder, 'output.ndjson');
  try {
    const { isOk } = await machine.wrangler(['deploy', ...args], {
      env: { WRANGLER_OUTPUT_FILE_PATH: output },
    });
    if (!isOk)
      throw new SetupError(
        'The Worker was not deployed; what wrangler said is above. Run this again. Where it could not make the queue, as with a token ' +
          'that lacks Queues: Edit, take the two [[queues…]] blocks out of wrangler.toml: all works without them, slower.',
      );
    const url = deployedUrl(readTold(output));
    if (url === null)
      throw new SetupError(
        'The Worker is deployed, but has no address: set workers_dev = true in wrangler.toml, or a route.',
      );
    return url;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first address among the targets in wrangler's output file, one JSON object a line. */
export function deployedUrl(ndjson: string): string | null {
  const targets = ndjson.split('\n').flatMap((line) => parsed(deployShape, line)?.targets ?? []);
  const target = targets.find((text) => ADDRESS.test(text))?.split(' ')[0];
  return target === undefined ? null : new URL(target.includes('://') ? target : `https://${target}`).origin;
}

function readTold(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function must(machine: Machine, args: readonly string[], problem: string): Promise<void> {
  const { isOk } = await machine.wrangler(args);
  if (!isOk) throw new SetupError(`${problem}; what wrangler said is above. Run this again.`);
}

function parsed<T>(shape: z.ZodType<T>, text: string): T | null {
  try {
    return shape.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ringback } from 'ringback/client';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './call.ts';
import { FREE_PORTS } from './ports.ts';
import { sampleTask } from './sample.ts';
import { generateSecrets } from './secrets.ts';
import { boxShape, clientShape, type Client } from './shapes.ts';
import { tickUntil, withStack, type Stack } from './stack.ts';
import { ROOT } from './worker.ts';

const DEMO = 'npm ci\nnpm run demo';
/** What needs an account at Cloudflare; `npm run setup` has tests of its own. */
const NEEDS_ACCOUNT = ['npm ci\nnpx wrangler login\nnpm run setup'];
const FOX_ENDS_WITHIN_MS = 30_000;
const BOX = 'dev';

mkdirSync(join(ROOT, '.wrangler'), { recursive: true });
// In the repository, where `ringback/client` is found.
const folder = mkdtempSync(join(ROOT, '.wrangler', 'readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

/** The code blocks of a page in this language. */
function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return Array.from(text.matchAll(/^```(\w+)\n(.*?)\n```$/gms))
    .filter(([, name]) => name === language)
    .map(([, , code = '']) => code);
}

const isCurl = (block: string): boolean => /^curl /m.test(block);

interface World {
  readonly stack: Stack;
  readonly client: Client;
}

/** Ringback, sandbox and inbox with a client, and the cron at work, as `npm run dev` has them. */
async function inDevelopment(use: (world: World) => Promise<void>): Promise<void> {
  const options = {
    ports: FREE_PORTS,
    persistTo: mkdtempSync(join(folder, 'databases-')),
    timeScale: 0.02,
    relayVars: { ...generateSecrets(), POLL_MIN_SECONDS: '1', TICK_SECONDS: '20' },
    watch: false,
  };
  await withStack(options, async (stack) => {
    const client = await call(new URL('/admin/clients', stack.relay), {
      method: 'POST',
      token: stack.adminToken,
      body: { name: 'dev' },
      expect: 201,
      schema: clientShape,
    });
    const stop = new AbortController();
    const ticks = tickUntil(stack, { signal: stop.signal, pauseMs: 100, onProblem: console.error });
    try {
      await use({ stack, client });
    } finally {
      stop.abort();
      await ticks;
    }
  });
}

/** Runs a block in bash as a reader would, with his own ids and his own hook in it; each curl has to be answered 2xx. */
async function paste(block: string, { stack, client }: World, taskId: string): Promise<string> {
  const hook = new URL(`/hooks/${BOX}`, stack.inbox).href;
  const script = block
    .replaceAll('http://127.0.0.1:8789/hooks/dev', hook)
    .replaceAll('https://hooks.example.com/your-hook', hook)
    .replaceAll('task_…', taskId)
    .replaceAll('client_…', client.id);
  const strict = `set -e; curl() { command curl -sS --fail-with-body "$@"; echo; }\n${script}`;
  const env = {
    ...process.env,
    RINGBACK: stack.relay.origin,
    ADMIN_TOKEN: stack.adminToken,
    KEY: client.key,
  };
  const { stdout } = await promisify(execFile)('bash', ['-c', strict], { env });
  return stdout;
}

async function until<T>(look: () => Promise<T | null | undefined>): Promise<T> {
  const giveUpAt = Date.now() + FOX_ENDS_WITHIN_MS;
  while (Date.now() < giveUpAt) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    await promisify(setTimeout)(100);
  }
  throw new Error('It did not come about in time.');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The README's receiver with this secret, on a port of its own. */
async function withReceiver(
  secret: string,
  use: (url: string, printed: () => string) => Promise<void>,
): Promise<void> {
  const [code = ''] = blocks('README.md', 'js');
  const port = await freePort();
  const file = join(folder, 'receive.mjs');
  writeFileSync(file, code.replace('listen(3000)', `listen(${port}, '127.0.0.1')`));
  const env = { ...process.env, SIGNING_SECRET: secret };
  const receiver = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  receiver.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  try {
    await use(`http://127.0.0.1:${port}/`, () => printed);
  } finally {
    receiver.kill();
  }
}

describe('the README', () => {
  it('has no command that is not run here, but for those that need an account', () => {
    const unknown = blocks('README.md', 'sh').filter((block) => !isCurl(block) && block !== DEMO);
    expect(unknown).toEqual(NEEDS_ACCOUNT);
  });

  it('has a demo that works', { timeout: 120_000 }, async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', 'demo'], { cwd: ROOT });
    expect(stdout).toContain('✓ Its signature holds');
  });

  it('has calls and a receiver that work as they stand', { timeout: 120_000 }, async () => {
    const pages = ['README.md', 'docs/callbacks.md'];
    const [post = '', ...others] = pages.flatMap((page) => blocks(page, 'sh')).filter(isCurl);
    expect(others.length).toBeGreaterThan(3);
    await inDevelopment(async (world) => {
      const { id } = z.object({ id: z.string() }).parse(JSON.parse(await paste(post, world, '')));
      const box = new URL(`/boxes/${BOX}`, world.stack.inbox);
      const look = async () => (await call(box, { expect: 200, schema: boxShape })).received[0];
      expect((await until(look)).raw).toContain(id);
      expect(await paste(post, world, '')).toContain(id);
      for (const block of others) {
        expect([block, await paste(block, world, id)]).toEqual([block, expect.any(String)]);
      }
      await withReceiver(world.client.signing_secret, async (url, printed) => {
        const forge = async () => await fetch(url, { method: 'POST', body: '{}' }).catch(() => null);
        expect((await until(forge)).status).toBe(401);
        const ringback = new Ringback({ url: world.stack.relay, key: world.client.key });
        const task = await ringback.create(sampleTask(new URL(url)));
        await until(async () => (printed().includes(task.id) ? true : null));
        expect(printed()).toContain('result-1.mp4');
      });
    });
  });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { N8N_FOLDER } from './install-n8n.ts';
import { runNode, withThisNode } from './run.ts';

const PROGRAM = join(N8N_FOLDER, 'node_modules', 'n8n', 'bin', 'n8n');
const COMMAND_TIMEOUT_MS = 120_000;
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;
const LOOK_AGAIN_MS = 200;
const LOOK_TIMEOUT_MS = 2_000;
const MAX_LOG_CHARACTERS = 4_000;

/** What keeps n8n to itself: nobody is told, asked or counted. */
const QUIET = {
  N8N_DIAGNOSTICS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
  N8N_DYNAMIC_BANNERS_ENABLED: 'false',
  N8N_TEMPLATES_ENABLED: 'false',
  N8N_PERSONALIZATION_ENABLED: 'false',
  N8N_HIRING_BANNER_ENABLED: 'false',
  N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
  N8N_COMMUNITY_PACKAGES_ENABLED: 'false',
  N8N_PUBLIC_API_DISABLED: 'true',
  N8N_AI_ENABLED: 'false',
  N8N_DISABLE_UI: 'true',
  N8N_DISABLED_MODULES: 'mcp-registry',
};

interface Place {
  folder: string;
  port: number;
  /** Where the outside, here the gate, reaches its webhooks. */
  webhookUrl: URL;
  /** The folder of nodes of our own. */
  extensions: string;
}

/** A real n8n on loopback, with SQLite in a folder of its own. */
export class N8n {
  readonly port: number;
  private readonly folder: string;
  private readonly env: Record<string, string>;
  private process: ChildProcess | null = null;
  private written = '';

  private constructor({ folder, port, brokerPort, webhookUrl, extensions }: Place & { brokerPort: number }) {
    this.folder = folder;
    this.port = port;
    this.env = {
      ...QUIET,
      // As in n8n's own image: without it, its errors carry a stack trace.
      NODE_ENV: 'production',
      N8N_USER_FOLDER: folder,
      N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
      N8N_PORT: String(port),
      N8N_LISTEN_ADDRESS: '127.0.0.1',
      N8N_HOST: '127.0.0.1',
      N8N_RUNNERS_BROKER_PORT: String(brokerPort),
      WEBHOOK_URL: webhookUrl.href,
      N8N_WEBHOOK_URL: webhookUrl.href,
      N8N_EXPRESSION_ENGINE: 'legacy',
      N8N_LOG_LEVEL: 'warn',
      DB_TYPE: 'sqlite',
      N8N_CUSTOM_EXTENSIONS: extensions,
      // What those nodes need, they have from n8n.
      NODE_PATH: join(N8N_FOLDER, 'node_modules'),
    };
  }

  /** Not started yet: what is imported before is there from its first second. */
  static async prepare(place: Place): Promise<N8n> {
    return new N8n({ ...place, brokerPort: await freePort() });
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}`);
  }

  /** The last words of n8n's console. */
  get log(): string {
    return this.written.trim();
  }

  /** Runs `n8n …` to its end. */
  async command(...args: string[]): Promise<void> {
    const { folder, env } = this;
    await runNode([PROGRAM, ...args], { folder, timeoutMs: COMMAND_TIMEOUT_MS, env });
  }

  /** `n8n import:…` of these things. */
  async import(what: 'workflow' | 'credentials', things: unknown): Promise<void> {
    const file = join(this.folder, `${what}.json`);
    await writeFile(file, JSON.stringify(things), { mode: 0o600 });
    await this.command(`import:${what}`, `--input=${file}`);
  }

  async start(): Promise<void> {
    const { folder, env } = this;
    const child = spawn(process.execPath, [PROGRAM, 'start'], { cwd: folder, env: withThisNode(env) });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', this.note);
    process.once('exit', this.kill);
    const until = performance.now() + READY_TIMEOUT_MS;
    while (!(await this.isReady())) {
      if (child.exitCode !== null || performance.now() > until) {
        throw new Error(`n8n did not start:\n${this.log}`);
      }
      await sleep(LOOK_AGAIN_MS);
    }
  }

  async stop(): Promise<void> {
    const child = this.process;
    this.process = null;
    process.off('exit', this.kill);
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill();
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(force);
  }

  private async isReady(): Promise<boolean> {
    const url = new URL('/healthz/readiness', this.url);
    const response = await fetch(url, { signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) }).catch(() => null);
    await response?.body?.cancel();
    return response?.ok ?? false;
  }

  private readonly note = (chunk: Buffer): void => {
    this.written = (this.written + chunk.toString()).slice(-MAX_LOG_CHARACTERS);
  };

  private readonly kill = (): void => {
    this.process?.kill('SIGKILL');
  };
}

/** A port that is free now; n8n cannot choose one by itself. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === 'string') throw new Error('No port is free.');
  return address.port;
}

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { applyMigrations, executeSql } from './migrate.ts';
import type { Ports } from './ports.ts';
import { startWorker, type RunningWorker, type WorkerOptions } from './worker.ts';

const CRON_PATH = '/cdn-cgi/handler/scheduled';
const INTERRUPTED_EXIT_CODE = 130;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface StackOptions {
  ports: Ports;
  /** The folder that keeps the databases of all three. */
  persistTo: string;
  /** Multiplies how long the sandbox's tasks take. */
  timeScale: number;
  /** Ringback's variables and secrets, besides those that tie it to the sandbox. */
  relayVars: { ADMIN_TOKEN: string; MASTER_KEY: string } & Record<string, string>;
  /** A file of SQL that Ringback's database begins with, after its migrations. */
  beginWith?: string;
  /** Follow source changes. */
  watch: boolean;
  /** Called with each line that Ringback writes to its console. */
  onRelayLog?: (line: string) => void;
}

type OwnOptions = Omit<WorkerOptions, 'port' | 'persistTo' | 'watch'>;

export interface Stack {
  relay: URL;
  upstream: URL;
  inbox: URL;
  adminToken: string;
  /** Fires Ringback's cron once, and waits until the invocation is over or the signal aborts. */
  tick: (signal?: AbortSignal) => Promise<Response>;
  /** Ends Ringback's process and starts another one over its data, at the same address. */
  restartRelay: () => Promise<void>;
  /** The last lines of Ringback's console. */
  relayLogs: readonly string[];
}

/**
 * Starts the sandbox upstream, the callback inbox and Ringback on loopback, hands them to `use`, and stops them when
 * that ends or fails. Ctrl-C ends the process at once: wrangler then kills what it started, by its own exit hook.
 */
export async function withStack<T>(options: StackOptions, use: (stack: Stack) => Promise<T>): Promise<T> {
  for (const signal of SIGNALS) process.once(signal, () => process.exit(INTERRUPTED_EXIT_CODE));
  await using workers = new AsyncDisposableStack();
  return await use(await startStack(options, workers));
}

async function startStack(options: StackOptions, workers: AsyncDisposableStack): Promise<Stack> {
  const { ports, persistTo, watch } = options;
  const start = async (name: keyof Ports, worker: OwnOptions, port = ports[name]): Promise<RunningWorker> => {
    // A folder each: two runtimes on the same SQLite files lock each other out.
    const folder = join(persistTo, name);
    const running = await startWorker({ ...worker, port, persistTo: folder, watch });
    workers.defer(running.stop);
    return running;
  };
  const [upstream, inbox] = await Promise.all([
    start('upstream', {
      config: 'sandbox/upstream/wrangler.toml',
      vars: { TIME_SCALE: String(options.timeScale) },
    }),
    start('inbox', { config: 'sandbox/inbox/wrangler.toml', vars: {} }),
    prepareDatabase(options),
  ]);
  const relayOptions: OwnOptions = {
    config: 'wrangler.toml',
    bucket: { binding: 'RESULTS', name: 'ringback-results' },
    vars: {
      UPSTREAM_URL: upstream.url.origin,
      UPSTREAM_API_KEY: 'sk-sandbox-enterprise',
      ALLOW_PRIVATE_CALLBACKS: 'true',
      ...options.relayVars,
    },
    ...(options.onRelayLog === undefined ? {} : { onLog: options.onRelayLog }),
  };
  let relay = await start('relay', relayOptions);
  return {
    relay: relay.url,
    upstream: upstream.url,
    inbox: inbox.url,
    adminToken: options.relayVars.ADMIN_TOKEN,
    tick: (signal) => fetch(new URL(CRON_PATH, relay.url), signal === undefined ? {} : { signal }),
    restartRelay: async () => {
      await relay.stop();
      relay = await start('relay', relayOptions, Number(relay.url.port));
    },
    get relayLogs() {
      return relay.logs;
    },
  };
}

async function prepareDatabase({ persistTo, beginWith }: StackOptions): Promise<void> {
  const folder = join(persistTo, 'relay');
  await applyMigrations(folder);
  if (beginWith !== undefined) await executeSql(folder, beginWith);
}

/** Fires the cron again and again until the signal aborts; a tick that fails is told to `onProblem`. */
export async function tickUntil(
  stack: Stack,
  { signal, pauseMs, onProblem }: { signal: AbortSignal; pauseMs: number; onProblem: (text: string) => void },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await stack.tick(signal);
      const text = await response.text();
      if (!response.ok) {
        const why = stack.relayLogs.findLast((line) => line.includes('"level":"error"')) ?? text;
        onProblem(`the cron answered ${response.status}: ${why}`);
      }
    } catch (error) {
      if (!signal.aborted) onProblem(`the cron could not be fired: ${String(error)}`);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

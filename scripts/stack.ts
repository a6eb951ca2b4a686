import { setTimeout as sleep } from 'node:timers/promises';
import { applyMigrations } from './migrate.ts';
import type { Ports } from './ports.ts';
import { startWorker, type RunningWorker } from './worker.ts';

const CRON_PATH = '/cdn-cgi/handler/scheduled';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface StackOptions {
  ports: Ports;
  /** The folder that keeps the databases of all three. */
  persistTo: string;
  /** Multiplies how long the sandbox's tasks take. */
  timeScale: number;
  /** The relay's variables and secrets, besides those that tie it to the sandbox. */
  relayVars: { ADMIN_TOKEN: string; MASTER_KEY: string } & Record<string, string>;
  /** Follow source changes. */
  watch: boolean;
  /** Called with each line that the relay writes to its console. */
  onRelayLog?: (line: string) => void;
}

export interface Stack {
  relay: URL;
  upstream: URL;
  inbox: URL;
  adminToken: string;
  /** Fires the relay's cron once, and waits until the invocation is over. */
  tick: (signal: AbortSignal) => Promise<Response>;
  /** The last lines of the relay's console. */
  relayLogs: readonly string[];
}

/** Ctrl-C, or its like. */
export class Interrupted extends Error {}

/**
 * Starts the sandbox upstream, the callback inbox and the relay on loopback, hands them to `use`, and stops them
 * whatever happens: the end of `use`, its failure, or Ctrl-C, which rejects with `Interrupted`.
 */
export async function withStack<T>(options: StackOptions, use: (stack: Stack) => Promise<T>): Promise<T> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of SIGNALS) process.once(signal, () => reject(new Interrupted(signal)));
  });
  const workers = new AsyncDisposableStack();
  const starting = startStack(options, workers);
  try {
    const stack = await Promise.race([starting, interrupted]);
    return await Promise.race([use(stack), interrupted]);
  } finally {
    // A start that is still under way first has to become something that can be stopped.
    await starting.catch(() => undefined);
    await workers.disposeAsync();
  }
}

async function startStack(options: StackOptions, workers: AsyncDisposableStack): Promise<Stack> {
  const { ports, persistTo, watch } = options;
  const start = async (worker: Parameters<typeof startWorker>[0]): Promise<RunningWorker> => {
    const running = await startWorker(worker);
    workers.defer(running.stop);
    return running;
  };
  const [upstream, inbox] = await Promise.all([
    start({
      config: 'sandbox/upstream/wrangler.toml',
      vars: { TIME_SCALE: String(options.timeScale) },
      port: ports.upstream,
      persistTo,
      watch,
    }),
    start({ config: 'sandbox/inbox/wrangler.toml', vars: {}, port: ports.inbox, persistTo, watch }),
    applyMigrations(persistTo),
  ]);
  const relay = await start({
    config: 'wrangler.toml',
    vars: {
      UPSTREAM_URL: upstream.url.origin,
      UPSTREAM_API_KEY: 'sk-sandbox-enterprise',
      ALLOW_PRIVATE_CALLBACKS: 'true',
      ...options.relayVars,
    },
    port: ports.relay,
    persistTo,
    watch,
    ...(options.onRelayLog === undefined ? {} : { onLog: options.onRelayLog }),
  });
  return {
    relay: relay.url,
    upstream: upstream.url,
    inbox: inbox.url,
    adminToken: options.relayVars.ADMIN_TOKEN,
    tick: (signal) => fetch(new URL(CRON_PATH, relay.url), { signal }),
    relayLogs: relay.logs,
  };
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
      if (!response.ok) onProblem(`the cron answered ${response.status}: ${text}`);
    } catch (error) {
      if (!signal.aborted) onProblem(`the cron could not be fired: ${String(error)}`);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

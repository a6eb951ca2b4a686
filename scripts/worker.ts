import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const STOP_TIMEOUT_MS = 5000;
const MAX_LOG_LINES = 200;

export interface WorkerOptions {
  /** The wrangler.toml, absolute or relative to the repository. */
  config: string;
  vars: Record<string, string>;
  /** The binding of a bucket, by the name of that; on this machine it needs no account. */
  bucket?: { binding: string; name: string };
  /** 0 takes a free port. */
  port: number;
  /** The folder that keeps its databases. */
  persistTo: string;
  /** Rebuild when a source file changes. */
  watch: boolean;
  /** Called with each line that the Worker writes to its console. */
  onLog?: (line: string) => void;
}

export interface RunningWorker {
  url: URL;
  /** What it wrote to its console, the last lines of it. */
  logs: readonly string[];
  stop: () => Promise<void>;
}

/**
 * Serves a Worker on loopback in this very process (and workerd): nothing to spawn, so nothing to kill. wrangler pins
 * this interface with its version, and `wrangler dev` is built on it.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  // Before wrangler is loaded, which reads them then: no telemetry, no look-up of this machine's place.
  process.env['WRANGLER_SEND_METRICS'] = 'false';
  process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false';
  const { unstable_startWorker: start } = await import('wrangler');
  const { bucket } = options;
  const logs: string[] = [];
  const worker = await start({
    config: path.resolve(ROOT, options.config),
    bindings: {
      ...Object.fromEntries(
        Object.entries(options.vars).map(([name, value]) => [name, { type: 'plain_text' as const, value }]),
      ),
      ...(bucket === undefined
        ? {}
        : { [bucket.binding]: { type: 'r2_bucket' as const, bucket_name: bucket.name } }),
    },
    dev: {
      server: { hostname: '127.0.0.1', port: options.port },
      persist: options.persistTo,
      inspector: false,
      liveReload: false,
      watch: options.watch,
      logLevel: options.watch ? 'error' : 'none',
      structuredLogsHandler: ({ message }: { message: string }) => {
        logs.push(message);
        logs.splice(0, logs.length - MAX_LOG_LINES);
        options.onLog?.(message);
      },
    },
  });
  await worker.ready;
  return { url: await worker.url, logs, stop: () => atMost(STOP_TIMEOUT_MS, worker.dispose()) };
}

/** Waits for the work, but no longer than so many milliseconds. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, enough]).finally(() => clearTimeout(timer));
}

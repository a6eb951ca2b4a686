import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare';
import { childPids } from './usage.ts';

export const COMPATIBILITY_DATE = '2026-10-20';
const PROBLEMS_SHOWN = 5;

/** A Worker in workerd, with the process that it runs in. */
export interface Workerd {
  readonly miniflare: Miniflare;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Starts workerd with one Worker. It listens on loopback only, and ends with this process. */
export async function startWorkerd(options: V4MiniflareOptions): Promise<Workerd> {
  const before = childPids();
  let problems = 0;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      unsafeTriggerHandlers: true,
      telemetry: { enabled: false },
      handleStructuredLogs: ({ message }) => {
        // What Ringback says of each tick counts its errors, and is none.
        if (/\berror\b/i.test(message) && problems++ < PROBLEMS_SHOWN)
          process.stderr.write(`${message.slice(0, 500)}\n`);
      },
      ...options,
    }),
  );
  await miniflare.ready;
  const pid = Array.from(childPids()).find((child) => !before.has(child)) ?? process.pid;
  return { miniflare, pid, stop: async () => await miniflare.dispose() };
}

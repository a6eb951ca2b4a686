/**
 * Ringback in a process of its own, with its workerd, to be killed: started by `relay.ts`, which sends what to start. Tells
 * its address once it is up, and each line of Ringback's console.
 */
import { startWorker, type WorkerOptions } from '../scripts/worker.ts';

/** What the host is sent. */
export type HostOptions = Pick<WorkerOptions, 'config' | 'vars' | 'port' | 'persistTo'>;

/** What the host tells. */
export type HostMessage = { kind: 'up'; origin: string } | { kind: 'log'; line: string };

// Nobody is left to talk to: wrangler ends its workerd by its own exit hook.
process.once('disconnect', () => process.exit());
process.once('message', (options: HostOptions) => {
  startWorker({ ...options, watch: false, onLog: (line) => tell({ kind: 'log', line }) })
    .then(({ url }) => tell({ kind: 'up', origin: url.origin }))
    .catch((error: unknown) => {
      tell({ kind: 'log', line: `"level":"error" Ringback did not start: ${String(error)}` });
      process.exit(1);
    });
});

function tell(message: HostMessage): void {
  process.send?.(message);
}

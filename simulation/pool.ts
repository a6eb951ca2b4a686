import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SeedReport } from './run-seed.ts';

/** So many at once: the machines that this is to run on have two cores. */
const WORKERS = 2;

export interface PoolOptions {
  readonly from: number;
  readonly seeds: number;
  /** True: no further seed is begun after the first that fails. */
  readonly stopsAtFirst: boolean;
  readonly onReport: (report: SeedReport) => void;
}

/** Runs seeds on two threads. Rejects where a thread breaks. */
export async function runSeeds({ from, seeds, stopsAtFirst, onReport }: PoolOptions): Promise<void> {
  let next = from;
  const run = async (worker: Worker) => {
    await new Promise<void>((resolve, reject) => {
      const hand = () => {
        if (next < from + seeds) worker.postMessage(next++);
        else resolve();
      };
      worker.on('error', reject);
      worker.on('message', (report: SeedReport) => {
        onReport(report);
        if (stopsAtFirst && report.violation !== null) next = Infinity;
        hand();
      });
      hand();
    });
  };
  const workers = Array.from(
    { length: Math.min(WORKERS, seeds) },
    () => new Worker(join(import.meta.dirname, 'worker.ts')),
  );
  try {
    await Promise.all(workers.map(run));
  } finally {
    await Promise.all(workers.map(async (worker) => await worker.terminate()));
  }
}

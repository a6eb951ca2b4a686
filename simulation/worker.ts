import './json-modules.ts';
import { parentPort } from 'node:worker_threads';

// After the hook: a static import would be loaded before it.
const { runSeed } = await import('./run-seed.ts');

/** Runs the seeds that it is handed, one after the other, each in an empty world. */
parentPort?.on('message', (seed: number) => {
  void runSeed(seed, null).then((report) => parentPort?.postMessage(report));
});

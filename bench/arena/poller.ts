import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.ts';

const PROGRAM = fileURLToPath(new URL('poller-process.ts', import.meta.url));
const READY_MS = 10_000;

/** A plain Node program that polls each task every 5 s and keeps all in memory, in a process of its own. */
export const poller: Contender = {
  name: 'Node poller, 5 s',
  start: async ({ upstream }) => {
    const child = fork(PROGRAM, [upstream.origin], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const stop = (): boolean => child.kill();
    process.once('exit', stop);
    await said(child);
    return {
      pid: child.pid ?? process.pid,
      post: async (job) => {
        child.send(job);
      },
      stop: async () => {
        process.off('exit', stop);
        const gone = new Promise<void>((resolve) => {
          child.once('exit', () => resolve());
        });
        stop();
        await gone;
      },
    };
  },
};

/** The first message of the child: it is ready. */
function said(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The poller did not start.')), READY_MS);
    child.once('message', () => {
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', (code) => reject(new Error(`The poller ended with ${String(code)}.`)));
  });
}

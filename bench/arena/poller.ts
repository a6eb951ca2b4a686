import { fileURLToPath } from 'node:url';
import { startProgram } from './child.ts';
import type { Contender } from './contender.ts';

const PROGRAM = fileURLToPath(new URL('poller-process.ts', import.meta.url));

/** A plain Node program that polls each task every 5 s and keeps all in memory, in a process of its own. */
export const poller: Contender = {
  name: 'Node poller, 5 s',
  start: async ({ upstream }) => {
    const { child, stop } = await startProgram(PROGRAM, [upstream.origin]);
    return {
      pids: [child.pid ?? process.pid],
      post: async (job) => {
        child.send(job);
      },
      stop,
    };
  },
};

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ending, startProgram } from './child.ts';
import { taskOf, type Contender } from './contender.ts';
import { freePort } from './free-port.ts';

const PROGRAM = fileURLToPath(new URL('bullmq-process.ts', import.meta.url));
const REDIS = 'redis-server';
const TRIES = 100;
const readyShape = z.object({ port: z.number() });

/** Why this contender cannot run here, or null. */
export function lacksRedis(): string | null {
  return spawnSync(REDIS, ['--version']).error === undefined
    ? null
    : `BullMQ is left out: ${REDIS} is not installed (Debian: apt install redis-server).`;
}

/** The same job on BullMQ and a Redis of its own, which keeps nothing on disk: a post, delayed polls, a signed callback. */
export const bullmq: Contender = {
  name: 'BullMQ on Redis, 3 s',
  start: async ({ upstream, folder }) => {
    const redisPort = await freePort();
    const redis = spawn(
      REDIS,
      [
        '--port',
        String(redisPort),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        folder,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const stopRedis = ending(redis);
    await untilItListens(redisPort);
    const { child, said, stop } = await startProgram(PROGRAM, [upstream.origin, String(redisPort)]);
    const { port } = readyShape.parse(said);
    return {
      pids: [child.pid ?? process.pid, redis.pid ?? process.pid],
      post: async (job) => {
        const response = await fetch(`http://127.0.0.1:${port}/`, {
          method: 'POST',
          body: JSON.stringify({ task: taskOf(job), callbackUrl: job.callbackUrl }),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`BullMQ's program answered ${response.status}: ${text}`);
      },
      stop: async () => {
        await stop();
        await stopRedis();
      },
    };
  },
};

async function untilItListens(port: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (tries >= TRIES) throw error;
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}

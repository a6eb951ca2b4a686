/**
 * Ringback's job as one writes it with BullMQ: a post makes the task upstream and adds a delayed job, which polls and delays itself until
 * the task has ended; then another job sends the signed callback, tried again with growing pauses. Redis alone keeps what is followed.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { DelayedError, Queue, Worker } from 'bullmq';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { UPSTREAM_KEY } from './upstream.ts';

const INTERVAL_MS = 3_000;
/** Jobs at once: each waits for a request most of its time. */
const CONCURRENCY = 100;
/** About as many and as long as Ringback's. */
const DELIVERY = { attempts: 11, backoff: { type: 'exponential', delay: 5_000 } } as const;
const KEPT = { removeOnComplete: true, removeOnFail: false } as const;

interface Followed {
  readonly taskId: string;
  readonly callbackUrl: string;
}
interface Ended extends Followed {
  readonly endedAt: number;
}

const postShape = z.object({ task: z.unknown(), callbackUrl: z.string() });
const createdShape = z.object({ data: z.object({ taskId: z.string() }) });
const recordShape = z.object({ data: z.object({ completeTime: z.number().nullable() }) });
const headers = { authorization: `Bearer ${UPSTREAM_KEY}`, 'content-type': 'application/json' };
const [upstream = '', redisPort = ''] = process.argv.slice(2);
const connection = { host: '127.0.0.1', port: Number(redisPort) };
const webhook = new Webhook(randomBytes(32).toString('base64'));

const polls = new Queue<Followed>('polls', { connection });
const callbacks = new Queue<Ended>('callbacks', { connection });

const poller = new Worker<Followed>(
  'polls',
  async (job, token) => {
    const record = recordShape.parse(await ask(`/api/v1/jobs/recordInfo?taskId=${job.data.taskId}`));
    const endedAt = record.data.completeTime;
    if (endedAt === null) {
      await job.moveToDelayed(Date.now() + INTERVAL_MS, token);
      throw new DelayedError();
    }
    await callbacks.add(
      'callback',
      { ...job.data, endedAt },
      { jobId: job.data.taskId, ...DELIVERY, ...KEPT },
    );
  },
  { connection, concurrency: CONCURRENCY },
);

const caller = new Worker<Ended>(
  'callbacks',
  async ({ data: { taskId, callbackUrl, endedAt } }) => {
    const body = JSON.stringify({ id: taskId, completed_at: new Date(endedAt).toISOString() });
    const now = new Date();
    const response = await fetch(callbackUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': `msg_${taskId}`,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': webhook.sign(`msg_${taskId}`, now, body),
      },
      body,
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`The receiver answered ${response.status}.`);
  },
  { connection, concurrency: CONCURRENCY },
);

for (const worker of [poller, caller])
  worker.on('error', (error) => process.stderr.write(`${String(error)}\n`));

const server = createServer((request, response) => {
  take(request)
    .then((taskId) => response.writeHead(202).end(JSON.stringify({ id: taskId })))
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(0, '127.0.0.1', 4_096, () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : null });
});

async function take(request: NodeJS.ReadableStream): Promise<string> {
  const { task, callbackUrl } = postShape.parse(await json(request));
  const created = createdShape.parse(
    await ask('/api/v1/jobs/createTask', {
      method: 'POST',
      headers: { 'x-request-id': randomUUID() },
      body: JSON.stringify(task),
    }),
  );
  const { taskId } = created.data;
  const followed = { taskId, callbackUrl };
  await polls.add('poll', followed, { jobId: taskId, delay: INTERVAL_MS, attempts: 100, ...KEPT });
  return taskId;
}

async function ask(
  path: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<unknown> {
  const response = await fetch(upstream + path, { ...init, headers: { ...headers, ...init.headers } });
  if (!response.ok) throw new Error(`Upstream answered ${response.status}.`);
  return await response.json();
}

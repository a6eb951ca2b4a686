/**
 * The poller that one would write first: createTask, then recordInfo every 5 s, then the callback; each tried again every
 * 5 s until it works. Nothing is kept: when the process ends, what it followed is lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { taskOf, type Job } from './contender.ts';
import { UPSTREAM_KEY } from './upstream.ts';

const INTERVAL_MS = 5_000;
const createdShape = z.object({ data: z.object({ taskId: z.string() }) });
const recordShape = z.object({ data: z.object({ state: z.string(), completeTime: z.number().nullable() }) });
const headers = { authorization: `Bearer ${UPSTREAM_KEY}`, 'content-type': 'application/json' };
const [upstream = ''] = process.argv.slice(2);

process.on('message', (job: Job) => {
  void follow(job);
});
process.send?.('ready');

async function follow(job: Job): Promise<void> {
  const { data: task } = await untilItWorks(async () =>
    createdShape.parse(
      await ask('/api/v1/jobs/createTask', { method: 'POST', body: JSON.stringify(taskOf(job)) }),
    ),
  );
  const endedAt = await ended(task.taskId);
  const body = JSON.stringify({ id: task.taskId, completed_at: new Date(endedAt).toISOString() });
  await untilItWorks(async () => {
    const response = await fetch(job.callbackUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (!response.ok) throw new Error(String(response.status));
  });
}

async function ended(taskId: string): Promise<number> {
  for (;;) {
    await sleep(INTERVAL_MS);
    const record = await untilItWorks(async () =>
      recordShape.parse(await ask(`/api/v1/jobs/recordInfo?taskId=${taskId}`)),
    );
    if (record.data.completeTime !== null) return record.data.completeTime;
  }
}

async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(upstream + path, { ...init, headers });
  if (!response.ok) throw new Error(String(response.status));
  return await response.json();
}

async function untilItWorks<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch {
      await sleep(INTERVAL_MS);
    }
  }
}

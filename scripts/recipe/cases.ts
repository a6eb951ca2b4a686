import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { call } from '../call.ts';
import { attemptsShape } from '../shapes.ts';
import type { Stack } from '../stack.ts';
import type { Story } from '../story.ts';
import type { Answer, Gate, Report } from './gate.ts';
import type { N8n } from './n8n.ts';
import { startPath, type Variant } from './workflows.ts';

const LOOK_AGAIN_MS = 150;
const START_TIMEOUT_MS = 30_000;
/** Long enough for a second resumption to show, if there were one. */
const ONCE_MS = 1_500;

const taskShape = z.object({
  id: z.string(),
  metadata: z.object({ n8n_execution: z.string() }),
  callback: z.object({ url: z.string(), state: z.string(), attempts: z.number() }),
});
type RecipeTask = z.infer<typeof taskShape>;
const tasksShape = z.object({ data: z.array(taskShape) });

/** All that takes part. */
export interface Scene {
  stack: Stack;
  gate: Gate;
  n8n: N8n;
  /** The client's key. */
  key: string;
  story: Story;
  deadline: AbortSignal;
  /** What went wrong beside the story, such as a cron that does not answer. */
  problems: string[];
}

/** What is to be seen at the end of a case. */
export interface Ended {
  task: RecipeTask;
  report: Report;
  /** What n8n answered to its callbacks, in order. */
  answers: Answer[];
  /** Ringback's attempt log, in words. */
  log: string[];
}

/** Looks until there is something to see; `what` is what an error says is missing. */
export async function until<T>(
  { deadline, problems }: Scene,
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    const [problem] = problems;
    if (problem !== undefined) throw new Error(`${what}; and ${problem}`);
    if (deadline.aborted) throw new Error(`${what}, and the time is up.`);
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Starts a workflow from outside, as people do, and finds the task that it posted. */
export async function startWorkflow(scene: Scene, variant: Variant, prompt: string): Promise<RecipeTask> {
  const before = await newestTask(scene);
  await callWorkflow(scene, startPath(variant), { prompt });
  return await until(scene, 'No task was posted', async () => {
    const task = await newestTask(scene);
    return task?.id === before?.id ? undefined : task;
  });
}

/** Calls the address in n8n that starts a workflow. */
export async function callWorkflow(scene: Scene, path: string, body: object): Promise<void> {
  const url = new URL(path, scene.n8n.url);
  // Until n8n has registered its webhooks it answers 404, and has then started nothing.
  await until(scene, `${url.pathname} of n8n answers 404`, async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(START_TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) return true;
    if (response.status !== 404)
      throw new Error(`${url.pathname} of n8n answered ${response.status}: ${text}`);
    return undefined;
  });
}

/** Waits until the workflow's end was reached, and Ringback is done with the callback or not. */
export async function followToEnd(scene: Scene, task: RecipeTask): Promise<Ended> {
  const { gate } = scene;
  const isOf = (report: Report): boolean => report.execution === task.metadata.n8n_execution;
  const report = await until(scene, 'The workflow did not reach its end', () =>
    gate.reports.find(isOf),
  ).catch(async (error: unknown) => {
    throw new Error([String(error), ...(await attemptLog(scene, task))].join('\n'), { cause: error });
  });
  await sleep(ONCE_MS);
  const times = gate.reports.filter(isOf).length;
  if (times !== 1) throw new Error(`The Wait node was resumed ${times} times.`);
  return {
    report,
    answers: answersTo(scene, task),
    task: await call(new URL(`/v1/tasks/${task.id}`, scene.stack.relay), {
      token: scene.key,
      expect: 200,
      schema: taskShape,
    }),
    log: await attemptLog(scene, task),
  };
}

/** What n8n answered to this task's callbacks so far. */
export function answersTo({ gate }: Scene, task: RecipeTask): Answer[] {
  const { pathname } = new URL(task.callback.url);
  return gate.answers.filter(({ path }) => path === pathname);
}

/** The attempts of a task as a client reads them. */
export async function attemptLog({ stack, key }: Scene, task: RecipeTask): Promise<string[]> {
  const url = new URL(`/v1/tasks/${task.id}/attempts`, stack.relay);
  const { data } = await call(url, { token: key, expect: 200, schema: attemptsShape });
  return data.map(({ number, outcome, detail }) => `attempt ${number}: ${outcome}. ${detail ?? ''}`);
}

async function newestTask({ stack, key }: Scene): Promise<RecipeTask | undefined> {
  const url = new URL('/v1/tasks?limit=1', stack.relay);
  const { data } = await call(url, { token: key, expect: 200, schema: tasksShape });
  return data[0];
}

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { acceptedBefore } from '../engine/intake.ts';
import { acceptedTask, acceptTask, requireServed } from './accept-task.ts';
import type { AcceptedTask } from './accept-task.ts';
import { onInvalid } from './all-faults.ts';
import { ProblemError } from './problem.ts';
import type { AppEnv, Services } from './services.ts';
import { refusalOfTask } from './task-faults.ts';
import type { TaskSurface } from './task-faults.ts';
import { draftOf, dropInOptions, saidIn, taskOptions, toTaskRequest } from './task-request.ts';
import type { DraftOptions, PostedBody, TaskDraft } from './task-request.ts';

/** A way to post tasks. */
export type PostSurface = TaskSurface & DraftOptions;

/** Any body of them, whatever its model takes. */
const AnyPost = z.strictObject({
  model: z.string(),
  input: z.record(z.string(), z.unknown()),
  ...taskOptions,
  ...dropInOptions,
});

/**
 * Takes in what a caller posted. A retry of what was accepted gets its task whatever has changed since: a policy may be stricter, an
 * upstream key gone.
 */
export async function postTask(
  c: Context<AppEnv>,
  services: Services,
  body: PostedBody,
  surface: PostSurface,
): Promise<AcceptedTask> {
  const draft = draftOf(body, surface);
  const request = await checked(c, services, draft).catch((error: unknown) => {
    if (error instanceof ProblemError) return error;
    throw error;
  });
  if (!(request instanceof ProblemError)) return await acceptTask(c, services, c.get('client'), request);
  const earlier = await earlierTask(c, services, draft);
  if (earlier === null) throw request;
  return earlier;
}

async function checked(c: Context<AppEnv>, services: Services, draft: TaskDraft) {
  const request = await toTaskRequest(c, services, draft);
  await requireServed(services, c.get('client'));
  return request;
}

/**
 * The hook of a route that tasks are posted to: refuses what the model does not take, unless it is a retry of what was accepted when
 * the model did take it.
 */
export function refuseUnlessRetried<Answer>(
  services: Services,
  surface: PostSurface,
  answer: (c: Context<AppEnv>, accepted: AcceptedTask, receivedAt: number) => Promise<Answer>,
) {
  const refuse = refusalOfTask(services, surface);
  return onInvalid<Answer, AppEnv>(async (invalid, c) => {
    const receivedAt = services.clock.now();
    const body = invalid.target === 'json' ? AnyPost.safeParse(await c.req.json()).data : undefined;
    const earlier = body === undefined ? null : await earlierTask(c, services, draftOf(body, surface));
    return earlier === null ? await refuse(invalid, c) : await answer(c, earlier, receivedAt);
  });
}

async function earlierTask(
  c: Context<AppEnv>,
  services: Services,
  draft: TaskDraft,
): Promise<AcceptedTask | null> {
  const earlier = await acceptedBefore(services, c.get('client').id, saidIn(c, draft));
  return earlier === null ? null : acceptedTask(c, earlier);
}

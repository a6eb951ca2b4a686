import type { Context } from 'hono';
import type { Task } from '../../domain/task.ts';
import { acceptTask, requireServed } from '../../http/accept-task.ts';
import { invalid } from '../../http/problem.ts';
import type { Services } from '../../http/services.ts';
import { draftOf, hostOf, toTaskRequest } from '../../http/task-request.ts';
import type { Client } from '../../domain/client.ts';
import { checked } from './draft.ts';
import type { Draft } from './draft.ts';

/** Posts a draft for a client, on the very way of `POST /v1/tasks`; what is at fault is thrown as its problem. */
export async function postDraft(c: Context, services: Services, client: Client, draft: Draft): Promise<Task> {
  const result = await checked(draft);
  if (!result.ok) throw invalid(result.errors);
  const said = draftOf(result.body, { callbackUrlField: 'callback_url', callbackFormat: 'event' });
  const request = await toTaskRequest(c, services, said);
  await requireServed(services, client);
  const callback = draft.callback === 'inbox' ? await inboxCallback(c, services, client) : request.callback;
  const { task } = await acceptTask(c, services, client, { ...request, callback });
  return task;
}

/** The one callback URL on Ringback's own host: minted here, so the URL policy need not let anybody's pass. */
async function inboxCallback(c: Context, services: Services, client: Client) {
  const { origin, host } = new URL(c.req.url);
  const url = await services.inbox.mint(client.id, origin);
  return { url, host, headers: {}, format: 'event' as const, relayHost: hostOf(c) };
}

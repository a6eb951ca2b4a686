import { z } from 'zod';
import { call } from '../scripts/call.ts';
import type { Relay } from './relay.ts';

const PAGE = 100;

const pageShape = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      result_url: z.string().nullable(),
      callback: z.object({ state: z.string() }).nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

/** A task as Ringback shows it. */
export interface SeenTask {
  readonly state: string;
  readonly callback: string | undefined;
  readonly resultUrl: string | null;
}

/** All tasks of the client, by their ids. */
export async function listTasks(relay: Relay, key: string): Promise<Map<string, SeenTask>> {
  const tasks = new Map<string, SeenTask>();
  let cursor: string | null = null;
  do {
    const url = relay.url('/v1/tasks');
    url.searchParams.set('limit', String(PAGE));
    if (cursor !== null) url.searchParams.set('cursor', cursor);
    const page: z.infer<typeof pageShape> = await call(url, { token: key, expect: 200, schema: pageShape });
    for (const { id, state, callback, result_url: resultUrl } of page.data)
      tasks.set(id, { state, callback: callback?.state, resultUrl });
    cursor = page.next_cursor;
  } while (cursor !== null);
  return tasks;
}

import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { serve, type Server } from '../arena/server.ts';

const bodyShape = z.object({ id: z.string(), completed_at: z.iso.datetime() });
/** The path says after how many ms it answers. */
const AFTER = /^\/after\/(\d+)$/;
const HANGS = '/hangs';

/** A host of receivers: what comes to `/hook` is noted, with how late it came. */
export interface Host extends Server {
  /** From each task's end upstream to its first callback, in ms, by the task's id. */
  readonly lateMs: ReadonlyMap<string, number>;
  readonly hook: URL;
  readonly after: (ms: number) => URL;
  readonly hanging: URL;
}

/** A host on loopback, one by its port, that answers as the path of each URL says. */
export async function startHost(): Promise<Host> {
  const lateMs = new Map<string, number>();
  const server = await serve((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://host');
    const [, ms] = AFTER.exec(pathname) ?? [];
    if (pathname === HANGS || ms !== undefined) {
      request.resume();
      if (ms !== undefined) setTimeout(() => response.end('ok'), Number(ms));
      return;
    }
    json(request)
      .then((body) => {
        const { id, completed_at: completedAt } = bodyShape.parse(body);
        if (!lateMs.has(id)) lateMs.set(id, Date.now() - Date.parse(completedAt));
        response.end('ok');
      })
      .catch(() => response.destroy());
  });
  return {
    ...server,
    lateMs,
    hook: new URL('/hook', server.url),
    after: (ms) => new URL(`/after/${ms}`, server.url),
    hanging: new URL(HANGS, server.url),
  };
}

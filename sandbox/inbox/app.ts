import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import { describeIssues, parseJson } from '../invalid.ts';
import { boxNameSchema, boxSettingsSchema } from './box.ts';
import type { Answer } from './box.ts';
import type { Inbox } from './inbox.ts';
import { boxPage, boxesPage } from './pages.ts';

export interface InboxAppOptions {
  inbox: Inbox;
  /** How a scripted answer waits, in milliseconds; really, unless a test hands in its own. */
  sleep?: (ms: number) => Promise<void>;
}

/** The callback inbox over HTTP: `POST /hooks/:box` takes callbacks, `/boxes/:box` shows and scripts them. */
export function createInboxApp({ inbox, sleep = reallySleep }: InboxAppOptions): Hono {
  const app = new Hono();
  app.use('/hooks/:box', checkBoxName);
  app.use('/boxes/:box/*', checkBoxName);
  app.post('/hooks/:box', async (c) => {
    const raw = await c.req.text();
    const answer = inbox.receive(c.req.param('box'), c.req.header(), raw);
    if (answer.delayMs > 0) await sleep(answer.delayMs);
    return new Response(hasBody(answer) ? answer.body : null, {
      status: answer.status,
      headers: answer.headers,
    });
  });
  app.get('/', (c) => c.html(boxesPage(inbox.list())));
  app.get('/boxes/:box/view', (c) => c.html(boxPage(inbox.view(c.req.param('box')))));
  app.get('/boxes/:box', (c) => c.json(inbox.view(c.req.param('box'))));
  app.put('/boxes/:box', async (c) => {
    const settings = boxSettingsSchema.safeParse(parseJson(await c.req.text()));
    if (!settings.success) return c.json({ error: describeIssues(settings.error) }, 422);
    inbox.configure(c.req.param('box'), settings.data);
    return c.json(inbox.view(c.req.param('box')));
  });
  app.delete('/boxes/:box', (c) => {
    inbox.delete(c.req.param('box'));
    return c.body(null, 204);
  });
  return app;
}

const checkBoxName = createMiddleware<object, '/:box'>(async (c, next) => {
  const name = boxNameSchema.safeParse(c.req.param('box'));
  if (!name.success) return c.json({ error: describeIssues(name.error, 'box') }, 422);
  return next();
});

function reallySleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Some statuses have none, whatever was asked for. */
function hasBody({ status, body }: Answer): boolean {
  return body !== '' && ![204, 205, 304].includes(status);
}

import type { Context } from 'hono';
import { addressAt, cancelTask, redeliverTask } from '../../http/task-actions.ts';
import { audit } from '../../http/audit.ts';
import { findTask } from '../../http/find-task.ts';
import { redeliverFailed } from '../../engine/redeliver.ts';
import type { Services } from '../../http/services.ts';
import { auditOperator } from '../audit/operator.ts';
import { scopeOf } from '../env.ts';
import type { ConsoleApp, ConsoleEnv } from '../env.ts';
import { Page } from '../layout.tsx';
import { valuesOf } from '../try/form-body.ts';
import { hrefOf, readFilters } from './filters.ts';
import { TaskList } from './list.tsx';
import { readList } from './read-list.ts';
import { TaskTable } from './table.tsx';
import { isSettled, readTask } from './read.ts';
import { TaskStill } from './asked.tsx';
import { TaskHead, TaskLive } from './task.tsx';

/** The list of tasks, one task, and what can be done with it. */
export function registerTaskPages(app: ConsoleApp, services: Services): void {
  app.get('/tasks', async (c) => {
    const listed = await readList(c, services);
    return await c.html(
      <Page title="Tasks" viewer={c.get('viewer')} section="tasks">
        <TaskList listed={listed} />
      </Page>,
    );
  });

  app.get('/tasks/live', async (c) => await c.html(<TaskTable listed={await readList(c, services)} />));

  app.get('/tasks/:id', async (c) => {
    const viewed = await viewedTask(c, services);
    const { task } = viewed;
    // The page of a task that has come to rest stays as it is.
    const refresh = isSettled(viewed)
      ? {}
      : { 'data-refresh': `/console/tasks/${task.id}/live`, 'data-every': '2' };
    return await c.html(
      <Page title={task.id} viewer={c.get('viewer')} section="tasks">
        <TaskHead viewed={viewed} />
        <div id="live" {...refresh}>
          <TaskLive viewed={viewed} />
        </div>
        <TaskStill viewed={viewed} />
      </Page>,
    );
  });

  app.get('/tasks/:id/live', async (c) => {
    const viewed = await viewedTask(c, services);
    if (isSettled(viewed)) c.header('X-Refresh', 'stop');
    return await c.html(<TaskLive viewed={viewed} />);
  });

  app.post('/tasks/redeliver-failed', async (c) => {
    const form = new URLSearchParams(valuesOf(await c.req.parseBody()));
    const filters = readFilters(form, []);
    const { host = null, clientId } = filters;
    const span = { since: 0, until: services.clock.now() };
    const viewer = c.get('viewer');
    const owner = scopeOf(viewer) ?? clientId;
    const { redelivered } = await redeliverFailed(services, { ...span, host, clientId: owner });
    if (viewer.kind === 'operator') {
      const detail = `sent again: ${redelivered}${host === null ? '' : `, to ${host}`}`;
      await audit(c, services, 'callbacks.redelivered', { clientId: owner, detail });
    }
    const pending = { ...filters, callbackState: 'pending' };
    return c.redirect(hrefOf(pending, null), 303);
  });

  app.post('/tasks/:id/redeliver', async (c) => {
    const found = await ownTask(c, services);
    const { url } = await c.req.parseBody();
    const isElsewhere = typeof url === 'string' && url.trim() !== '';
    const address = isElsewhere ? addressAt(c, services, found, url.trim()) : null;
    const task = await redeliverTask(services, found, address);
    await auditOperator(c, services, 'task.redelivered', task);
    return c.redirect(`/console/tasks/${task.id}`, 303);
  });

  app.post('/tasks/:id/cancel', async (c) => {
    const task = await cancelTask(services, await ownTask(c, services));
    await auditOperator(c, services, 'task.canceled', task);
    return c.redirect(`/console/tasks/${task.id}`, 303);
  });
}

async function viewedTask(c: Context<ConsoleEnv>, services: Services) {
  const isOperator = c.get('viewer').kind === 'operator';
  return await readTask(services, await ownTask(c, services), new URL(c.req.url).origin, isOperator);
}

async function ownTask(c: Context<ConsoleEnv>, services: Services) {
  return await findTask(services, c.req.param('id') ?? '', scopeOf(c.get('viewer')));
}

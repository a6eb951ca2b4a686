import type { Context } from 'hono';
import { findTask } from '../../http/find-task.ts';
import { findInUse } from '../../http/client-changes.ts';
import { invalid, ProblemError } from '../../http/problem.ts';
import type { Services } from '../../http/services.ts';
import type { Client } from '../../domain/client.ts';
import { auditOperator } from '../audit/operator.ts';
import { scopeOf } from '../env.ts';
import type { ConsoleApp, ConsoleEnv } from '../env.ts';
import { Page } from '../layout.tsx';
import { checked, draftOf } from './draft.ts';
import type { Draft } from './draft.ts';
import { SAMPLE, valuesOf, valuesOfTask } from './form-body.ts';
import type { FormValues } from './form-body.ts';
import { postDraft } from './post.ts';
import { Preview } from './preview.tsx';
import { TryPage } from './page.tsx';

/** A form that posts a task, with its price and the same call in other languages as it is filled in. */
export function registerTry(app: ConsoleApp, services: Services): void {
  const draft = async (values: FormValues) => draftOf(values, await services.models.catalog());
  // Of the address only the model counts, or a task that the viewer sees: nobody fills in this form for somebody else by a link.
  app.get('/try', async (c) => {
    const id = c.req.query('task');
    if (id === undefined)
      return await show(c, services, await draft({ ...SAMPLE, model: c.req.query('model') ?? '' }), null);
    const task = await findTask(services, id, scopeOf(c.get('viewer')));
    return await show(c, services, await draft({ ...valuesOfTask(task), client: task.clientId }), null);
  });

  app.post('/try/preview', async (c) => {
    const given = await draft(valuesOf(await c.req.parseBody()));
    return await c.html(
      <Preview draft={given} faults={await faultsOf(given)} origin={new URL(c.req.url).origin} />,
    );
  });

  app.post('/try', async (c) => {
    const values = valuesOf(await c.req.parseBody());
    const given = await draft(values);
    if (values['action'] === 'update') return await show(c, services, given, null);
    try {
      const client = await clientFor(c, services, values['client'] ?? '');
      const task = await postDraft(c, services, client, given);
      await auditOperator(c, services, 'task.posted', task);
      return c.redirect(`/console/tasks/${task.id}`, 303);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return await show(c, services, given, error);
    }
  });
}

/** Whose task it is: a client's own; the operator says whose. */
async function clientFor(c: Context<ConsoleEnv>, services: Services, id: string): Promise<Client> {
  const viewer = c.get('viewer');
  if (viewer.kind === 'client') return viewer.client;
  if (id === '') throw invalid([{ path: 'client', message: 'is required: whose task is it?' }]);
  return await findInUse(services, id);
}

async function faultsOf(draft: Draft) {
  const result = await checked(draft);
  return result.ok ? [] : result.errors;
}

async function show(
  c: Context<ConsoleEnv>,
  services: Services,
  draft: Draft,
  problem: ProblemError | null,
): Promise<Response> {
  const viewer = c.get('viewer');
  const clients =
    viewer.kind === 'operator'
      ? (await services.stores.clients.list()).filter(({ revokedAt }) => revokedAt === null)
      : null;
  return await c.html(
    <Page title="Try it" viewer={viewer} section="try">
      <TryPage
        draft={draft}
        faults={await faultsOf(draft)}
        clients={clients}
        problem={problem}
        origin={new URL(c.req.url).origin}
      />
    </Page>,
    problem?.status ?? 200,
  );
}

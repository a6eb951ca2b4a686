import type { Context } from 'hono';
import { logError } from '../../engine/log.ts';
import {
  changeClient,
  findClient,
  findInUse,
  makeClient,
  revokeClient,
  rotateClientKey,
  rotateClientSecret,
} from '../../http/client-changes.ts';
import { ClientChanges, NewClientBody } from '../../http/client-json.ts';
import { ProblemError } from '../../http/problem.ts';
import type { Services } from '../../http/services.ts';
import { refuseInvalid } from '../../http/validation.ts';
import type { ClientLoad } from '../../store/load.ts';
import type { Client } from '../../domain/client.ts';
import type { ConsoleApp, ConsoleEnv } from '../env.ts';
import { Page } from '../layout.tsx';
import { operatorOnly } from '../operator-only.ts';
import { ClientPage } from './client.tsx';
import type { ClientPageProps } from './client.tsx';
import { changesOf, newClientOf, typedOf } from './form.ts';
import { ClientsPage } from './list.tsx';

/** Making, changing and revoking clients: the operator's alone. */
export function registerClientPages(app: ConsoleApp, services: Services): void {
  app.use('/clients/*', operatorOnly);

  app.get('/clients', async (c) => await showList(c, services, null, {}));

  app.post('/clients', async (c) => {
    const form = await c.req.parseBody();
    try {
      const made = await makeClient(c, services, valid(NewClientBody.safeParse(newClientOf(form))));
      const shown = { key: made.key, signingSecret: made.signingSecret };
      return await showClient(c, services, made.client, { shown, isNew: true });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return await showList(c, services, error, typedOf(form));
    }
  });

  app.get('/clients/:id', async (c) => {
    const client = await findClient(services, c.req.param('id'));
    return await showClient(c, services, client, { saved: c.req.query('saved') !== undefined });
  });

  app.post('/clients/:id', async (c) => {
    const client = await findInUse(services, c.req.param('id'));
    const form = await c.req.parseBody();
    try {
      await changeClient(c, services, client, valid(ClientChanges.safeParse(changesOf(form))));
      return c.redirect(`/console/clients/${client.id}?saved`, 303);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return await showClient(c, services, client, { problem: error, typed: typedOf(form) });
    }
  });

  app.post('/clients/:id/rotate-key', async (c) => {
    const client = await findInUse(services, c.req.param('id'));
    return await showClient(c, services, client, {
      shown: { key: await rotateClientKey(c, services, client) },
    });
  });

  app.post('/clients/:id/rotate-secret', async (c) => {
    const client = await findInUse(services, c.req.param('id'));
    const signingSecret = await rotateClientSecret(c, services, client);
    return await showClient(c, services, client, { shown: { signingSecret } });
  });

  app.post('/clients/:id/revoke', async (c) => {
    await revokeClient(c, services, await findClient(services, c.req.param('id')), false);
    return c.redirect(`/console/clients/${c.req.param('id')}`, 303);
  });
}

function valid<T>(
  result: Parameters<typeof refuseInvalid>[0] & ({ success: false } | { success: true; data: T }),
): T {
  refuseInvalid(result);
  if (!result.success) throw new Error('an invalid form is refused before');
  return result.data;
}

/** Null where it cannot be counted: the figures of one client keep nobody from the page, where they could be mended. */
async function loadOf({ stores, clock, config }: Services, { id }: Client): Promise<ClientLoad | null> {
  try {
    return await stores.load.ofClient(id, clock.now(), config.taskTimeoutMs);
  } catch (error) {
    logError('what a client has in hand could not be counted', error, { client_id: id });
    return null;
  }
}

/** None where they cannot be counted: figures keep nobody from the page. */
async function loadsOf({ stores, clock }: Services): Promise<ReadonlyMap<string, ClientLoad> | null> {
  try {
    return await stores.load.ofAll(clock.now());
  } catch (error) {
    logError('what clients have in hand could not be counted', error);
    return null;
  }
}

async function showList(
  c: Context<ConsoleEnv>,
  services: Services,
  problem: ProblemError | null,
  typed: Readonly<Record<string, string>>,
): Promise<Response> {
  const clients = await services.stores.clients.list();
  const loads = await loadsOf(services);
  return await c.html(
    <Page title="Clients" viewer={c.get('viewer')} section="clients">
      <ClientsPage clients={clients} loads={loads} problem={problem} typed={typed} />
    </Page>,
    problem?.status ?? 200,
  );
}

async function showClient(
  c: Context<ConsoleEnv>,
  services: Services,
  { id }: Client,
  extra: Partial<ClientPageProps>,
): Promise<Response> {
  const client = await findClient(services, id);
  return await c.html(
    <Page title={client.name} viewer={c.get('viewer')} section="clients">
      <ClientPage client={client} load={await loadOf(services, client)} {...extra} />
    </Page>,
    extra.problem?.status ?? 200,
  );
}

import type { ProblemError } from '../../http/problem.ts';
import { OPERATOR_KEY } from '../../domain/client.ts';
import type { Client } from '../../domain/client.ts';
import type { ClientLoad } from '../../store/load.ts';
import { CopyButton } from '../components/code.tsx';
import { Notice } from '../components/notice.tsx';
import { count, Time } from '../components/time.tsx';
import { Credentials, ShownOnce } from './credentials.tsx';
import type { ShownCredentials } from './credentials.tsx';
import { ClientFields } from './fields.tsx';
import { Credits } from './list.tsx';

export interface ClientPageProps {
  readonly client: Client;
  /** Null where it cannot be counted. */
  readonly load: ClientLoad | null;
  /** What was just made, to be shown this once. */
  readonly shown?: ShownCredentials;
  readonly isNew?: boolean;
  readonly saved?: boolean;
  readonly problem?: ProblemError;
  readonly typed?: Readonly<Record<string, string>>;
}

/** One client: what it may, what it does, and its credentials. */
export function ClientPage({
  client,
  load,
  shown,
  isNew = false,
  saved = false,
  problem,
  typed,
}: ClientPageProps) {
  const isRevoked = client.revokedAt !== null;
  return (
    <>
      <div class="task-head">
        <p class="crumbs">
          <a href="/console/clients">Clients</a>
        </p>
        <h1>{client.name}</h1>
        <p class="id-line">
          <code id="client-id">{client.id}</code>
          <CopyButton of="client-id" label="the client's id" />
        </p>
      </div>
      {shown === undefined ? null : <ShownOnce shown={shown} isNew={isNew} />}
      {saved ? <Notice tone="good" title="Saved." isAlert={true} /> : null}
      {client.revokedAt === null ? null : (
        <Notice tone="idle" title="This client was revoked">
          <p>
            <Time at={client.revokedAt} />. Its key opens nothing; its queued tasks are canceled, its running
            ones followed to their end.
          </p>
        </Notice>
      )}
      <div class="columns">
        {isRevoked ? null : (
          <form
            method="post"
            action={`/console/clients/${client.id}`}
            class="card stack"
            aria-labelledby="change-title"
          >
            <h2 id="change-title">Settings</h2>
            {problem === undefined ? null : <Notice tone="bad" title={problem.message} isAlert={true} />}
            <ClientFields
              typed={typed ?? valuesOf(client)}
              errors={problem?.errors ?? []}
              hasOwnKey={client.accountId !== OPERATOR_KEY}
            />
            <div>
              <button type="submit" class="primary">
                Save
              </button>
            </div>
          </form>
        )}
        <div>
          <Use client={client} load={load} />
          {isRevoked ? null : <Credentials id={client.id} />}
        </div>
      </div>
    </>
  );
}

function Use({ client, load }: { client: Client; load: ClientLoad | null }) {
  return (
    <section class="card" aria-labelledby="use-title">
      <h2 id="use-title">Today</h2>
      <dl class="facts">
        <dt>Credits</dt>
        <dd>
          <Credits client={client} load={load} />
        </dd>
        <dt>Running</dt>
        <dd>
          {load === null ? '–' : count(load.activeTasks)}
          {client.maxActiveTasks === null ? '' : ` of at most ${count(client.maxActiveTasks)}`}
        </dd>
        <dt>Waiting</dt>
        <dd>
          {load === null ? '–' : count(load.queuedTasks)} of at most {count(client.maxQueuedTasks)}
        </dd>
        <dt>Made</dt>
        <dd>
          <Time at={client.createdAt} />
        </dd>
      </dl>
      <p>
        <a href={`/console/tasks?client=${client.id}`}>Its tasks</a>
        {client.revokedAt === null ? (
          <>
            {' · '}
            <a href={`/console/clients/${client.id}/subscriptions`}>Its subscriptions</a>
          </>
        ) : null}
      </p>
    </section>
  );
}

function valuesOf(client: Client): Record<string, string> {
  return {
    name: client.name,
    max_active_tasks: String(client.maxActiveTasks ?? ''),
    daily_credit_limit: String(client.dailyCreditLimit ?? ''),
    max_queued_tasks: String(client.maxQueuedTasks),
    failure_callback_url: client.failureCallbackUrl ?? '',
    callback_jwt: String(client.callbackJwt === 1),
    keep_results: String(client.keepResults === 1),
  };
}

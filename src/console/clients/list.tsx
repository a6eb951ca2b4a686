import type { ProblemError } from '../../http/problem.ts';
import type { Client } from '../../domain/client.ts';
import type { ClientLoad } from '../../store/load.ts';
import { Empty, Notice } from '../components/notice.tsx';
import { Badge } from '../components/state.tsx';
import { count, Time } from '../components/time.tsx';
import { PageHead } from '../layout.tsx';
import { ClientFields } from './fields.tsx';

interface ListProps {
  readonly clients: readonly Client[];
  /** Of those that have any; null where it could not be counted. */
  readonly loads: ReadonlyMap<string, ClientLoad> | null;
  readonly problem: ProblemError | null;
  readonly typed: Readonly<Record<string, string>>;
}

const NOTHING: ClientLoad = { activeTasks: 0, queuedTasks: 0, creditsToday: 0 };

/** Those who may post tasks, and a form for one more. */
export function ClientsPage({ clients, loads, problem, typed }: ListProps) {
  return (
    <>
      <PageHead title="Clients" note="Each tool or app that posts tasks has a key of its own." />
      <div class="columns">
        <div>
          {clients.length === 0 ? (
            <Empty title="No clients yet">
              Make the first one: it gets a key, and its callbacks a signing secret.
            </Empty>
          ) : (
            <div class="card flush">
              <table class="list">
                <thead>
                  <tr>
                    <th scope="col">Client</th>
                    <th scope="col">Credits today</th>
                    <th scope="col">Tasks now</th>
                    <th scope="col">Made</th>
                  </tr>
                </thead>
                <tbody>
                  {clients.map((client) => (
                    <ClientLine
                      client={client}
                      load={loads === null ? null : (loads.get(client.id) ?? NOTHING)}
                    />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </div>
        <form method="post" action="/console/clients" class="card stack" aria-labelledby="new-title">
          <h2 id="new-title">New client</h2>
          {problem === null ? null : <Notice tone="bad" title={problem.message} isAlert={true} />}
          <ClientFields typed={typed} errors={problem?.errors ?? []} hasOwnKey={false} />
          <div>
            <button type="submit" class="primary" id="make">
              Make the client
            </button>
          </div>
        </form>
      </div>
    </>
  );
}

function ClientLine({ client, load }: { client: Client; load: ClientLoad | null }) {
  return (
    <tr class={client.revokedAt === null ? undefined : 'gone'}>
      <th scope="row">
        <a class="row-link cut" dir="auto" title={client.name} href={`/console/clients/${client.id}`}>
          {client.name}
        </a>
        <span class="sub mono">{client.id}</span>
      </th>
      <td data-label="Credits today">
        {client.revokedAt === null ? (
          <Credits client={client} load={load} />
        ) : (
          <Badge tone="idle">revoked</Badge>
        )}
      </td>
      <td data-label="Tasks now">
        {load === null ? '–' : `${count(load.activeTasks)} running, ${count(load.queuedTasks)} queued`}
      </td>
      <td data-label="Made">
        <Time at={client.createdAt} ago={true} />
      </td>
    </tr>
  );
}

/** What it has spent today, and how much of its limit that is. */
export function Credits({ client, load }: { client: Client; load: ClientLoad | null }) {
  if (load === null) return <span class="dim">–</span>;
  const limit = client.dailyCreditLimit;
  if (limit === null) return <span>{count(load.creditsToday)}</span>;
  return (
    <span class="meter">
      <span>
        {count(load.creditsToday)} <small class="dim">of {count(limit)}</small>
      </span>
      <meter
        min={0}
        max={limit}
        high={limit * 0.8}
        value={Math.min(load.creditsToday, limit)}
        aria-label="Share of the daily limit"
      >
        {count(load.creditsToday)}
      </meter>
    </span>
  );
}

import type { Client } from '../../domain/client.ts';
import { USAGE_SPANS } from '../../domain/usage.ts';
import type { Usage } from '../../domain/usage.ts';
import { Empty } from '../components/notice.tsx';
import { count } from '../components/time.tsx';
import { PageHead } from '../layout.tsx';
import { UsageChart } from './chart.tsx';
import type { UsageOverview } from './read.ts';

interface PageProps {
  readonly usage: UsageOverview;
  readonly span: number;
  /** Whose usage can be chosen; null where it is the viewer's own. */
  readonly clients: readonly Client[] | null;
}

/** What was used: a chart by day, a table by client and model, and the same as CSV. */
export function UsagePage({ usage, span, clients }: PageProps) {
  const { clientId, from, to } = usage.query;
  const chosen = clients === null || clientId === null ? '' : `&client=${clientId}`;
  return (
    <>
      <PageHead title="Usage" note="By the UTC day of acceptance. Credits as estimated.">
        <nav class="segments" aria-label="Time span">
          {USAGE_SPANS.map((days) => (
            <a
              href={`/console/usage?days=${days}${chosen}`}
              aria-current={days === span ? 'true' : undefined}
            >
              {days} days
            </a>
          ))}
        </nav>
      </PageHead>
      {clients === null ? null : <ClientFilter clients={clients} chosen={clientId} span={span} />}
      <UsageChart usage={usage} />
      {usage.lines.length === 0 ? (
        <Empty title="Nothing was used in this time">
          <a href="/console/try">Post a task</a>, or look at a longer time.
        </Empty>
      ) : (
        <>
          <UsageTable usage={usage} hasClients={clients !== null} />
          <nav class="pages" aria-label="Download">
            <a
              class="button"
              href={`/console/usage.csv?days=${span}${chosen}`}
              download={`usage-${from}-${to}.csv`}
            >
              Download as CSV
            </a>
          </nav>
        </>
      )}
    </>
  );
}

function ClientFilter({
  clients,
  chosen,
  span,
}: {
  clients: readonly Client[];
  chosen: string | null;
  span: number;
}) {
  return (
    <form class="filters" method="get" action="/console/usage" data-autosubmit="">
      <input type="hidden" name="days" value={String(span)} />
      <label>
        <span class="hidden">Client</span>
        <select name="client">
          <option value="">All clients</option>
          {clients.map(({ id, name }) => (
            <option value={id} selected={id === chosen}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">Show</button>
    </form>
  );
}

const FIGURES = ['tasks', 'succeeded', 'failed', 'canceled', 'credits'] as const;
const TITLES = {
  tasks: 'Tasks',
  succeeded: 'Succeeded',
  failed: 'Failed',
  canceled: 'Canceled',
  credits: 'Credits',
} as const;

function UsageTable({ usage, hasClients }: { usage: UsageOverview; hasClients: boolean }) {
  return (
    <div class="card flush">
      <table class="list figures">
        <thead>
          <tr>
            <th scope="col">{hasClients ? 'Client and model' : 'Model'}</th>
            {FIGURES.map((figure) => (
              <th scope="col">{TITLES[figure]}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {usage.lines.map((line) => (
            <tr>
              <th scope="row">
                {hasClients ? (line.client_name ?? line.client_id) : line.model}
                {hasClients ? <span class="sub mono">{line.model}</span> : null}
              </th>
              <Figures of={line} />
            </tr>
          ))}
          <tr>
            <th scope="row">All</th>
            <Figures of={usage.total} />
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function Figures({ of }: { of: Usage }) {
  return (
    <>
      {FIGURES.map((figure) => (
        <td data-label={TITLES[figure]}>{count(of[figure])}</td>
      ))}
    </>
  );
}

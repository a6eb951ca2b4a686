import type { TaskQuery } from '../../store/task-search.ts';
import { PageHead } from '../layout.tsx';
import { Filters } from './filter-form.tsx';
import { hrefOf, isFiltered } from './filters.ts';
import type { ListedTasks } from './read-list.ts';
import { TaskTable } from './table.tsx';

/** A page without filters reads what it shows; one with filters reads thousands of rows. */
const REFRESH_SECONDS = 10;
const FILTERED_REFRESH_SECONDS = 60;

/** Tasks, newest first, and the filters above them. The newest page is asked for again by itself. */
export function TaskList({ listed }: { listed: ListedTasks }) {
  const { found, filters, clients, modelIds, isOperator } = listed;
  const refresh =
    filters.cursor === null
      ? {
          'data-refresh': hrefOf(filters, null).replace('/tasks', '/tasks/live'),
          'data-every': String(isFiltered(filters) ? FILTERED_REFRESH_SECONDS : REFRESH_SECONDS),
        }
      : {};
  return (
    <>
      <PageHead title="Tasks">
        <a class="button primary" href="/console/try">
          New task
        </a>
      </PageHead>
      <Filters filters={filters} clients={isOperator ? clients : []} modelIds={modelIds} />
      <SendAllAgain filters={filters} isEmpty={found.tasks.length === 0} />
      <div id="list" {...refresh}>
        <TaskTable listed={listed} />
      </div>
    </>
  );
}

/** Where the list is of callbacks given up, of a receiver or a client or all: what the button sends is what the list shows. */
function SendAllAgain({ filters, isEmpty }: { filters: TaskQuery; isEmpty: boolean }) {
  const { callbackState, host = null, clientId } = filters;
  const plain = { ...filters, clientId: null, host: null, cursor: null };
  if (isEmpty || callbackState !== 'failed' || hrefOf(plain, null) !== '/console/tasks?callback=failed')
    return null;
  return (
    <form method="post" action="/console/tasks/redeliver-failed" class="actions">
      <input type="hidden" name="host" value={host ?? ''} />
      <input type="hidden" name="client" value={clientId ?? ''} />
      <button type="submit">Send all again</button>
      <span class="hint">Oldest first, 200 at a time, four a second.</span>
    </form>
  );
}

import type { Task } from '../../domain/task.ts';
import type { TaskWithDelivery } from '../../domain/task-with-delivery.ts';
import type { Client } from '../../domain/client.ts';
import type { FoundTasks, TaskQuery } from '../../store/task-search.ts';
import { Icon } from '../components/icon.tsx';
import { Empty } from '../components/notice.tsx';
import { CallbackState, TaskState } from '../components/state.tsx';
import { Time } from '../components/time.tsx';
import { PageHead } from '../layout.tsx';
import { Filters } from './filter-form.tsx';
import { hrefOf, isFiltered } from './filters.ts';

const EXCERPT_LENGTH = 140;

interface ListProps {
  readonly found: FoundTasks;
  readonly filters: TaskQuery;
  readonly clients: readonly Client[];
  readonly modelIds: readonly string[];
  readonly isOperator: boolean;
}

/** Tasks, newest first, and the filters above them. */
export function TaskList({ found, filters, clients, modelIds, isOperator }: ListProps) {
  const names = new Map(clients.map(({ id, name }) => [id, name]));
  return (
    <>
      <PageHead title="Tasks">
        <a class="button primary" href="/console/try">
          New task
        </a>
      </PageHead>
      <Filters filters={filters} clients={isOperator ? clients : []} modelIds={modelIds} />
      <SendAllAgain filters={filters} isEmpty={found.tasks.length === 0} />
      {found.tasks.length === 0 ? (
        <NothingFound found={found} filters={filters} />
      ) : (
        <div class="card flush">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">Task</th>
                <th scope="col">State</th>
                <th scope="col">Callback</th>
                {isOperator ? <th scope="col">Client</th> : null}
                <th scope="col">Accepted</th>
              </tr>
            </thead>
            <tbody>
              {found.tasks.map((task) => (
                <TaskLine
                  task={task}
                  client={isOperator ? (names.get(task.clientId) ?? task.clientId) : null}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pages found={found} filters={filters} />
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

function TaskLine({ task, client }: { task: TaskWithDelivery; client: string | null }) {
  return (
    <tr>
      <th scope="row">
        <a class="row-link" href={`/console/tasks/${task.id}`}>
          <span class="prompt" dir="auto">
            {promptOf(task)}
          </span>
        </a>
        <span class="sub">
          <span class="mono">{task.id}</span> · {task.model}
        </span>
      </th>
      <td data-label="State">
        <TaskState task={task} />
      </td>
      <td data-label="Callback">
        <CallbackState task={task} />
      </td>
      {client === null ? null : (
        <td data-label="Client">
          <span class="cut" dir="auto" title={client}>
            {client}
          </span>
        </td>
      )}
      <td data-label="Accepted">
        <Time at={task.createdAt} ago={true} />
      </td>
    </tr>
  );
}

/** What the task is about, in a line. */
export function promptOf({ input }: Task): string {
  const prompt = typeof input['prompt'] === 'string' ? input['prompt'].trim() : '';
  if (prompt === '') return 'No prompt';
  return prompt.length > EXCERPT_LENGTH ? `${prompt.slice(0, EXCERPT_LENGTH)}…` : prompt;
}

function NothingFound({ found, filters }: { found: FoundTasks; filters: TaskQuery }) {
  if (found.hasStopped)
    return <Empty title="None among the 5,000 that were looked at">Go on with older ones below.</Empty>;
  if (isFiltered(filters) || filters.cursor !== null) {
    return (
      <Empty title="No task is like this">
        <a href="/console/tasks">Show all tasks</a>
      </Empty>
    );
  }
  return (
    <Empty title="No tasks yet">
      <a href="/console/try">Post the first one</a>, or do it with the API: see the{' '}
      <a href="/docs">reference</a>.
    </Empty>
  );
}

function Pages({ found, filters }: { found: FoundTasks; filters: TaskQuery }) {
  if (found.nextCursor === null && filters.cursor === null) return null;
  return (
    <nav class="pages" aria-label="Pages">
      {filters.cursor === null ? null : <a href={hrefOf(filters, null)}>Newest</a>}
      {found.nextCursor === null ? null : (
        <a class="button" href={hrefOf(filters, found.nextCursor)} rel="next">
          {found.hasStopped ? 'Look at older ones' : 'Next 50'} <Icon name="arrow" />
        </a>
      )}
    </nav>
  );
}

import type { Task } from '../../domain/task.ts';
import type { TaskWithDelivery } from '../../domain/task-with-delivery.ts';
import type { Client } from '../../domain/client.ts';
import type { FoundTasks, TaskQuery } from '../../store/task-search.ts';
import { Icon } from '../components/icon.tsx';
import { Empty } from '../components/notice.tsx';
import { CallbackState, TaskState } from '../components/state.tsx';
import { Time } from '../components/time.tsx';
import { PageHead } from '../layout.tsx';
import { CALLBACK_STATES, hrefOf, isFiltered, STATES } from './filters.ts';

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

function TaskLine({ task, client }: { task: TaskWithDelivery; client: string | null }) {
  return (
    <tr>
      <th scope="row">
        <a class="row-link" href={`/console/tasks/${task.id}`}>
          <span class="prompt">{promptOf(task)}</span>
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
      {client === null ? null : <td data-label="Client">{client}</td>}
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

function Filters({ filters, clients, modelIds }: Pick<ListProps, 'filters' | 'clients' | 'modelIds'>) {
  return (
    <form class="filters" method="get" action="/console/tasks" role="search" data-autosubmit="">
      <label class="search">
        <span class="hidden">Id or text of the metadata</span>
        <Icon name="search" />
        <input type="search" name="q" value={filters.text ?? ''} placeholder="Id or metadata" />
      </label>
      <Choice name="state" label="State" any="Any state" values={STATES} chosen={filters.state} />
      <Choice
        name="callback"
        label="Callback"
        any="Any callback"
        values={CALLBACK_STATES}
        chosen={filters.callbackState}
      />
      <Choice name="model" label="Model" any="Any model" values={modelIds} chosen={filters.model} />
      {clients.length === 0 ? null : (
        <label>
          <span class="hidden">Client</span>
          <select name="client">
            <option value="">Any client</option>
            {clients.map(({ id, name }) => (
              <option value={id} selected={id === filters.clientId}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <button type="submit">Find</button>
      {isFiltered(filters) ? <a href="/console/tasks">Clear</a> : null}
    </form>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly any: string;
  readonly values: readonly string[];
  readonly chosen: string | null;
}

function Choice({ name, label, any, values, chosen }: ChoiceProps) {
  return (
    <label>
      <span class="hidden">{label}</span>
      <select name={name}>
        <option value="">{any}</option>
        {values.map((value) => (
          <option value={value} selected={value === chosen}>
            {name === 'callback' ? `Callback ${value}` : value}
          </option>
        ))}
      </select>
    </label>
  );
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

import type { Task } from '../../domain/task.ts';
import type { TaskWithDelivery } from '../../domain/task-with-delivery.ts';
import type { FoundTasks, FoundTotal, TaskQuery } from '../../store/task-search.ts';
import { Icon } from '../components/icon.tsx';
import { Empty } from '../components/notice.tsx';
import { CallbackState, TaskState } from '../components/state.tsx';
import { count, Time } from '../components/time.tsx';
import { hrefOf, isFiltered } from './filters.ts';
import type { ListedTasks } from './read-list.ts';

const EXCERPT_LENGTH = 140;

/** The part of the list that changes by itself: how many there are, a page of them, and the way to the next. */
export function TaskTable({
  listed: { found, total, filters, clients, isOperator },
}: {
  listed: ListedTasks;
}) {
  const names = new Map(clients.map(({ id, name }) => [id, name]));
  return (
    <>
      {total === null || found.tasks.length === 0 ? null : <Total total={total} />}
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

function Total({ total }: { total: FoundTotal }) {
  const tasks = total.count === 1 ? 'task' : 'tasks';
  return (
    <p class="hint">
      {total.isLeast ? 'At least ' : ''}
      {count(total.count)} {tasks}
    </p>
  );
}

function TaskLine({ task, client }: { task: TaskWithDelivery; client: string | null }) {
  return (
    <tr>
      <th scope="row">
        <a class="row-link" id={`row-${task.id}`} href={`/console/tasks/${task.id}`}>
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
      <Empty title="No task matches">
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

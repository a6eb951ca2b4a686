import type { TaskState } from '../../domain/task.ts';
import type { TaskQuery } from '../../store/task-search.ts';

export const STATES: readonly TaskState[] = ['queued', 'running', 'succeeded', 'failed', 'canceled'];
export const CALLBACK_STATES = ['waiting', 'pending', 'delivered', 'failed'] as const;

/** As much as metadata may have. */
const MAX_TEXT = 8_192;

/** What the address asks for; what it misspells counts as not asked. */
export function readFilters(params: URLSearchParams, modelIds: readonly string[]): TaskQuery {
  const word = (name: string) => params.get(name)?.trim() ?? '';
  const cursor = word('cursor');
  const text = word('q').slice(0, MAX_TEXT);
  return {
    clientId: /^client_\w+$/.test(word('client')) ? word('client') : null,
    state: STATES.find((state) => state === word('state')) ?? null,
    callbackState: CALLBACK_STATES.find((state) => state === word('callback')) ?? null,
    model: modelIds.find((id) => id === word('model')) ?? null,
    text: text === '' ? null : text,
    cursor: /^task_[0-9a-z]+~?$/.test(cursor) ? cursor : null,
  };
}

/** The address of the list with these filters, from a cursor on. */
export function hrefOf(filters: TaskQuery, cursor: string | null): string {
  const named = {
    q: filters.text,
    state: filters.state,
    callback: filters.callbackState,
    client: filters.clientId,
    model: filters.model,
    cursor,
  };
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(named)) if (value !== null) params.set(name, value);
  const query = params.toString();
  return query === '' ? '/console/tasks' : `/console/tasks?${query}`;
}

export function isFiltered({ text, state, callbackState, clientId, model }: TaskQuery): boolean {
  return [text, state, callbackState, clientId, model].some((filter) => filter !== null);
}

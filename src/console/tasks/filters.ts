import type { TaskState } from '../../domain/task.ts';
import { CALLBACK_STATES } from '../../domain/task-with-delivery.ts';
import type { TaskQuery } from '../../store/task-search.ts';

export const STATES: readonly TaskState[] = ['queued', 'running', 'succeeded', 'failed', 'canceled'];

/** As much as metadata may have. */
const MAX_TEXT = 8_192;

/** A host as the URL policy names it, with its port. */
const HOST = /^[\w.:[\]-]{1,300}$/;

/** An instant in ISO 8601, or a form's local time, which counts as UTC; null for anything else. Epoch ms. */
function instantOf(text: string): number | null {
  const at = Date.parse(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(at) ? null : at;
}

/** An instant as a form's field has it: in UTC, to the minute. */
export function asField(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : new Date(at).toISOString().slice(0, 16);
}

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
    host: HOST.test(word('host')) ? word('host') : null,
    since: instantOf(word('since')),
    until: instantOf(word('until')),
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
    host: filters.host ?? null,
    since: asField(filters.since),
    until: asField(filters.until),
    cursor,
  };
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(named)) if (value !== null) params.set(name, value);
  const query = params.toString();
  return query === '' ? '/console/tasks' : `/console/tasks?${query}`;
}

const NO_FILTERS = readFilters(new URLSearchParams(), []);

export function isFiltered(filters: TaskQuery): boolean {
  return hrefOf(filters, null) !== hrefOf(NO_FILTERS, null);
}

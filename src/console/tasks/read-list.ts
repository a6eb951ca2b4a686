import type { Context } from 'hono';
import type { Client } from '../../domain/client.ts';
import type { Services } from '../../http/services.ts';
import type { FoundTasks, FoundTotal, TaskQuery } from '../../store/task-search.ts';
import { scopeOf } from '../env.ts';
import type { ConsoleEnv } from '../env.ts';
import { isFiltered, readFilters } from './filters.ts';

/** A page of the list of tasks, as it is shown. */
export interface ListedTasks {
  readonly found: FoundTasks;
  /** How many are like this, on all pages; null where nothing is asked for. */
  readonly total: FoundTotal | null;
  readonly filters: TaskQuery;
  readonly clients: readonly Client[];
  readonly modelIds: readonly string[];
  readonly isOperator: boolean;
}

/** What the address asks for. */
export async function readList(c: Context<ConsoleEnv>, services: Services): Promise<ListedTasks> {
  const viewer = c.get('viewer');
  const modelIds = (await services.models.catalog()).entries.map(({ model }) => model.id);
  const filters = readFilters(new URL(c.req.url).searchParams, modelIds);
  const query = { ...filters, clientId: scopeOf(viewer) ?? filters.clientId };
  const isOperator = viewer.kind === 'operator';
  const [found, clients] = await Promise.all([
    services.searchTasks(query),
    isOperator ? services.stores.clients.list() : [viewer.client],
  ]);
  const total = isFiltered(filters) ? await totalOf(services, query, found) : null;
  return { found, total, filters, clients, modelIds, isOperator };
}

/** Where one page has all, nobody has to count. */
async function totalOf(services: Services, query: TaskQuery, found: FoundTasks): Promise<FoundTotal> {
  if (query.cursor === null && (found.nextCursor === null || found.hasStopped))
    return { count: found.tasks.length, isLeast: found.hasStopped };
  return await services.countTasks(query);
}

import { createRoute, z } from '@hono/zod-openapi';
import type { FlatBody } from '../domain/callback-body.ts';
import { alertBody, taskEventBody } from '../domain/events/event-body.ts';
import { ALERTS, TASK_EVENTS } from '../domain/events/event.ts';
import type { EventType } from '../domain/events/event.ts';
import type { EventPlace, StoredEvent } from '../store/events.ts';
import { adminToken, clientKey, json, problems } from './contract.ts';
import { AdminEventJson, EventJson } from './event-json.ts';
import { pageOf, pageQuery, pageWithin } from './page.ts';
import { invalid } from './problem.ts';
import type { App, Services } from './services.ts';
import { TaskId } from './task-json.ts';

const time = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-11-22T15:00:00Z' });
/** `{when it was recorded}-{event_id}`, of the last event of a page. */
const CURSOR = /^(\d{1,15})-([\w.]{0,80})$/;
const NEWEST: EventPlace = { at: 9_999_999_999_999, eventId: '~' };

function queryOf<Type extends string>(types: readonly [Type, ...Type[]]) {
  return z.strictObject({
    type: z.enum(types, `must be one of ${types.join(', ')}`).optional(),
    task_id: TaskId.optional(),
    since: time.optional().openapi({ description: 'What was recorded from here on, this instant included.' }),
    ...pageQuery(100, 20),
  });
}

const WORDS = 'Whether or not anybody was told. Order and `since` are by when Ringback recorded it.';
const EventPage = pageOf(EventJson).openapi('EventPage');
const AdminEventPage = pageOf(AdminEventJson).openapi('AdminEventPage');

const list = createRoute({
  method: 'get',
  path: '/v1/events',
  tags: ['Subscriptions'],
  security: clientKey,
  operationId: 'listEvents',
  summary: 'What happened, newest first, as it is sent',
  description: WORDS,
  request: { query: queryOf(TASK_EVENTS) },
  responses: { 200: json(EventPage, 'A page'), ...problems(401, 422, 429) },
});

const listAll = createRoute({
  method: 'get',
  path: '/admin/events',
  tags: ['Operators'],
  security: adminToken,
  operationId: 'listAllEvents',
  summary: 'What happened to all clients, and the alerts, newest first',
  description: WORDS,
  request: { query: queryOf([...TASK_EVENTS, ...ALERTS]) },
  responses: { 200: json(AdminEventPage, 'A page'), ...problems(401, 422, 429) },
});

interface Asked {
  readonly type?: EventType | undefined;
  readonly task_id?: string | undefined;
  readonly since?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** @param clientId null: over all clients. */
async function eventPage({ stores }: Services, clientId: string | null, query: Asked) {
  const { events, next } = await stores.events.list({
    clientId,
    type: query.type ?? null,
    taskId: query.task_id ?? null,
    since: query.since === undefined ? 0 : Date.parse(query.since),
    limit: query.limit,
    before: query.cursor === undefined ? NEWEST : placeOf(query.cursor),
  });
  const rows = events.flatMap((event) => {
    const body = bodyOf(event, clientId === null);
    return body === null ? [] : [{ body, place: cursorOf(event) }];
  });
  const page = pageWithin(rows, next && cursorOf(next), ({ place }) => place);
  return { data: page.data.map(({ body }) => body), next_cursor: page.next_cursor };
}

function bodyOf({ alert, task, type, eventId, at, givenUp }: StoredEvent, isAdmin: boolean): FlatBody | null {
  if (alert !== null) return alertBody(alert, eventId, at);
  return task === null ? null : taskEventBody({ type, task, givenUp }, isAdmin);
}

function cursorOf({ at, eventId }: EventPlace): string {
  return `${at}-${eventId}`;
}

function placeOf(cursor: string): EventPlace {
  const [, at, eventId = ''] = CURSOR.exec(cursor) ?? [];
  if (at === undefined)
    throw invalid([{ path: 'cursor', message: 'must be the next_cursor of the page before' }]);
  return { at: Number(at), eventId };
}

/** What a trigger shows as samples, and what a receiver that was away reads up. */
export function registerEvents(app: App, services: Services): void {
  app.openapi(list, async (c) => {
    const page = await eventPage(services, c.get('client').id, c.req.valid('query'));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the bodies of a client's events are about tasks
    return c.json(page as z.infer<typeof EventPage>, 200);
  });

  app.openapi(listAll, async (c) => {
    const page = await eventPage(services, null, c.req.valid('query'));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the flat bodies, and no others
    return c.json(page as z.infer<typeof AdminEventPage>, 200);
  });
}

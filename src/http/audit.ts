import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isoTime } from '../domain/clock.ts';
import { auditId } from '../domain/ids.ts';
import { logError } from '../engine/log.ts';
import { adminToken, json, problems } from './contract.ts';
import { pageOf, pageQuery, pageWithin } from './page.ts';
import type { App, Services } from './services.ts';

/** Everything that an operator does and that is written down. */
export const AUDITED = {
  'client.created': 'A client was made',
  'client.changed': 'A client was changed',
  'client.revoked': 'A client was revoked',
  'client.key-rotated': 'A client got a new key',
  'client.secret-rotated': 'A client got a new signing secret',
  'model.added': 'A model was added',
  'model.changed': 'A model was changed',
  'model.deleted': 'A model was deleted',
  'subscription.made': 'An address was subscribed',
  'subscription.activated': 'A subscription was taken up again',
  'subscription.deleted': 'A subscription was deleted',
  'task.posted': 'A task was posted for a client',
  'task.canceled': 'A task was canceled',
  'task.redelivered': 'A callback was sent again',
  'callbacks.redelivered': 'All failed callbacks of a time or of a receiver were sent again',
  'console.signed-in': 'Somebody signed in to the console as the operator',
  'console.signed-out': 'Somebody signed out of it',
} as const;
export type Audited = keyof typeof AUDITED;

const MAX_DETAIL_CHARACTERS = 500;

/**
 * Writes down what an operator just did. What was done is done: where it cannot be written down that is logged, and the operator is
 * told nothing else than that it was done.
 */
export async function audit(
  c: Context,
  { audits, clock, randomBytes }: Pick<Services, 'audits' | 'clock' | 'randomBytes'>,
  what: Audited,
  { clientId = null, detail = '' }: { readonly clientId?: string | null; readonly detail?: string } = {},
): Promise<void> {
  const at = clock.now();
  const entry = {
    id: auditId(at, randomBytes(16)),
    at,
    what,
    clientId,
    address: c.req.header('cf-connecting-ip') ?? null,
    detail: detail.slice(0, MAX_DETAIL_CHARACTERS).toWellFormed(),
  };
  try {
    await audits.add(entry);
  } catch (error) {
    logError('what an operator did could not be written down', error, { what, client_id: clientId ?? '' });
  }
}

const AuditJson = z
  .object({
    at: z.iso.datetime(),
    what: z.string().openapi({ example: 'client.created' }),
    client_id: z.string().nullable(),
    address: z.string().nullable().openapi({ description: 'Where the request came from.' }),
    detail: z.string(),
  })
  .openapi('AuditEntry');

const list = createRoute({
  method: 'get',
  path: '/admin/audit',
  tags: ['Operators'],
  security: adminToken,
  operationId: 'listAudit',
  summary: 'What operators did, newest first',
  description: 'Kept for 400 days. Who it was is not known beyond "operator": they share one token.',
  request: { query: z.strictObject(pageQuery(200, 50)) },
  responses: { 200: json(pageOf(AuditJson).openapi('AuditPage'), 'A page'), ...problems(401, 422, 429) },
});

/** The log of what operators did. */
export function registerAudit(app: App, services: Services): void {
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const found = await services.audits.list(cursor ?? null, limit + 1);
    const rows = found.slice(0, limit);
    const last = found.length > limit ? rows.at(-1) : undefined;
    const page = pageWithin(rows, last?.id ?? null, ({ id }) => id);
    const data = page.data.map(({ at, what, clientId, address, detail }) => {
      return { at: isoTime(at), what, client_id: clientId, address, detail };
    });
    return c.json({ data, next_cursor: page.next_cursor }, 200);
  });
}

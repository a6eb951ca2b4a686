import { createRoute, z } from '@hono/zod-openapi';
import { findInUse, rotateClientKey, rotateClientSecret } from './client-changes.ts';
import { key, signing_secret } from './client-json.ts';
import { adminToken, json, problems } from './contract.ts';
import type { App, Services } from './services.ts';

const TAG = { tags: ['Operators'], security: adminToken };
const params = z.object({ id: z.string() });

const rotateKey = createRoute({
  method: 'post',
  path: '/admin/clients/{id}/rotate-key',
  ...TAG,
  operationId: 'rotateClientKey',
  summary: 'A new key; the old one stops at once',
  request: { params },
  responses: { 200: json(z.object({ key }), 'The new key'), ...problems(401, 429, 404, 409) },
});

const rotateSigningSecret = createRoute({
  method: 'post',
  path: '/admin/clients/{id}/rotate-secret',
  ...TAG,
  operationId: 'rotateSigningSecret',
  summary: 'A new signing secret; each that was replaced signs beside it for 24 h',
  description: 'Of the replaced ones the newest ten sign: `webhook-signature` has a value for each.',
  request: { params },
  responses: { 200: json(z.object({ signing_secret }), 'The new secret'), ...problems(401, 429, 404, 409) },
});

/** New credentials for a client. */
export function registerAdminRotations(app: App, services: Services): void {
  app.openapi(rotateKey, async (c) => {
    const client = await findInUse(services, c.req.valid('param').id);
    return c.json({ key: await rotateClientKey(c, services, client) }, 200);
  });

  app.openapi(rotateSigningSecret, async (c) => {
    const client = await findInUse(services, c.req.valid('param').id);
    return c.json({ signing_secret: await rotateClientSecret(c, services, client) }, 200);
  });
}

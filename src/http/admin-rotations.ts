import { createRoute, z } from '@hono/zod-openapi';
import { sha256Hex } from '../domain/hex.ts';
import { rotateSecret } from '../engine/clients.ts';
import { findInUse } from './admin-clients.ts';
import { newClientKey } from './auth.ts';
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
  summary: 'A new signing secret; the old one signs beside it for 24 h',
  request: { params },
  responses: { 200: json(z.object({ signing_secret }), 'The new secret'), ...problems(401, 429, 404, 409) },
});

/** New credentials for a client. */
export function registerAdminRotations(app: App, services: Services): void {
  const { clients } = services.stores;
  const deps = { clients, secrets: services.secrets, randomBytes: services.randomBytes };

  app.openapi(rotateKey, async (c) => {
    const client = await findInUse(services, c.req.valid('param').id);
    const newKey = newClientKey(services.randomBytes);
    await clients.update(client.id, { keyHash: await sha256Hex(newKey) });
    return c.json({ key: newKey }, 200);
  });

  app.openapi(rotateSigningSecret, async (c) => {
    const client = await findInUse(services, c.req.valid('param').id);
    return c.json({ signing_secret: await rotateSecret(deps, client, services.clock.now()) }, 200);
  });
}

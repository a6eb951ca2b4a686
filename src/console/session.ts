import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { SealError } from '../sealing/secrets.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import { toBase64Url } from '../domain/base64.ts';
import { clientOfKey, isSame } from '../http/auth.ts';
import type { Services } from '../http/services.ts';
import type { Viewer } from './env.ts';

/**
 * A session is a sealed cookie and nothing else: who signed in, until when, and with which credential. It ends with that
 * credential: with a rotated key, a revoked client, another ADMIN_TOKEN or another MASTER_KEY. Signing out deletes the
 * cookie, and notes that the session is over: a copy of the cookie opens nothing.
 */

const SESSION_SECONDS = 4 * 3_600;
const COOKIE = 'ringback';

const Session = z.object({
  id: z.string(),
  clientId: z.string().nullable(),
  /** The hash of a client's key, or the fingerprint of the ADMIN_TOKEN. */
  credential: z.string(),
  /** Epoch ms. */
  until: z.number(),
});

/** Who a credential belongs to: the ADMIN_TOKEN or a client's key; null for anything else. */
export async function viewerOf(services: Services, credential: string): Promise<Viewer | null> {
  if (await isSame(credential, services.config.adminToken)) return { kind: 'operator' };
  const client = await clientOfKey(services, credential);
  return client === null ? null : { kind: 'client', client };
}

/** Opens a session for a browser: four hours, in a cookie that no script can read. */
export async function openSession(c: Context, services: Services, viewer: Viewer): Promise<void> {
  const session: z.infer<typeof Session> = {
    id: toBase64Url(services.randomBytes(16)),
    clientId: viewer.kind === 'client' ? viewer.client.id : null,
    credential: await credentialOf(services, viewer),
    until: services.clock.now() + SESSION_SECONDS * 1_000,
  };
  const sealed = await services.secrets.seal(JSON.stringify(session), sealedFor.session);
  setCookie(c, COOKIE, sealed, { ...cookieOptions(c), httpOnly: true, maxAge: SESSION_SECONDS });
}

/** Who the cookie of a request stands for; null where there is none, or where it does not hold (any longer). */
export async function readSession(c: Context, services: Services): Promise<Viewer | null> {
  const session = await openCookie(services, getCookie(c, COOKIE, prefixOf(c)));
  if (session === null || session.until <= services.clock.now()) return null;
  const [hasEnded, client] = await Promise.all([
    services.sessions.hasEnded(session.id),
    session.clientId === null ? null : services.stores.clients.get(session.clientId),
  ]);
  if (hasEnded) return null;
  if (session.clientId !== null && (client === null || client.revokedAt !== null)) return null;
  const viewer: Viewer = client === null ? { kind: 'operator' } : { kind: 'client', client };
  return (await isSame(session.credential, await credentialOf(services, viewer))) ? viewer : null;
}

/** Ends the session for whoever has its cookie, where that is one. */
export async function closeSession(c: Context, services: Services): Promise<void> {
  const session = await openCookie(services, getCookie(c, COOKIE, prefixOf(c)));
  if (session !== null && session.until > services.clock.now())
    await services.sessions.end(session.id, session.until);
  deleteCookie(c, COOKIE, cookieOptions(c));
}

async function openCookie(services: Services, sealed: string | undefined) {
  if (sealed === undefined) return null;
  try {
    // What an earlier release has sealed has no id, and could not be ended: its owner signs in again.
    return Session.safeParse(JSON.parse(await services.secrets.open(sealed, sealedFor.session))).data ?? null;
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

async function credentialOf(services: Services, viewer: Viewer): Promise<string> {
  return viewer.kind === 'client'
    ? viewer.client.keyHash
    : (await services.fingerprints(`console ${services.config.adminToken}`))[0];
}

/** Browsers keep Secure cookies of https only; loopback is the one place where http is no risk. */
function cookieOptions(c: Context) {
  const secure = !isLoopbackHttp(c);
  const prefix = prefixOf(c);
  return { path: '/', secure, sameSite: 'Lax' as const, ...(prefix === undefined ? {} : { prefix }) };
}

function prefixOf(c: Context): 'host' | undefined {
  return isLoopbackHttp(c) ? undefined : 'host';
}

/** Development: `http://127.0.0.1`, `http://localhost`. */
export function isLoopbackHttp(c: Context): boolean {
  const { protocol, hostname } = new URL(c.req.url);
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

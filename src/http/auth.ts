import { createMiddleware } from 'hono/factory';
import type { Context } from 'hono';
import { toBase64Url } from '../domain/base64.ts';
import { CLIENT_HEADER, OPERATOR_HEADER, readCredential, wordsOfToken } from '../domain/credential-words.ts';
import { sha256Hex } from '../domain/hex.ts';
import { networkOf } from '../domain/ip-address.ts';
import type { Client } from '../domain/client.ts';
import { ProblemError } from './problem.ts';
import type { AppEnv, Services } from './services.ts';
import { SIGN_IN_WAIT_SECONDS } from './sign-in-waits.ts';

const KEY_BYTES = 32;

/** A new client key: `rb_` and 256 random bits. Shown once; only its SHA-256 is kept, which is enough for that many. */
export function newClientKey(randomBytes: (length: number) => Uint8Array): string {
  return `rb_${toBase64Url(randomBytes(KEY_BYTES))}`;
}

/** The ADMIN_TOKEN is named as such only where a guess at it would be answered on `/admin` too. */
async function wordsForClient(c: Context, services: Services, token: string): Promise<string> {
  const isOperators =
    (await isSame(token, services.config.adminToken)) && operatorSignInWait(c, services) === null;
  return isOperators
    ? `This is the ADMIN_TOKEN, which opens /admin and the console: tasks belong to a client. Send ${CLIENT_HEADER}.`
    : wordsOfToken(token, CLIENT_HEADER);
}

/** Posts store a task only while its key is one, so a client that was seen a moment ago need not be read again. */
export const POSTS_OF_TASKS: readonly string[] = ['/v1/tasks', '/v1/waits', '/api/v1/jobs/createTask'];

/** Lets a client in by its key, and holds it to its rate. */
export function clientAuth(services: Services) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const credential = readCredential(c.req.header('authorization'), CLIENT_HEADER);
    if (credential.kind === 'mistake') throw await failedSignIn(c, services, credential.words);
    const isStored = c.req.method === 'POST' && POSTS_OF_TASKS.includes(c.req.path);
    const client = await clientOfKey(services, credential.token, isStored);
    if (client === null)
      throw await failedSignIn(c, services, await wordsForClient(c, services, credential.token));
    c.set('client', client);
    await holdToRate(services, client);
    await next();
  });
}

/**
 * The client that a key belongs to, unless it was revoked or its key rotated.
 *
 * @param mayBeKnown whether what was read up to two seconds ago will do.
 */
export async function clientOfKey(
  { stores, knownClients, knownModels }: Services,
  key: string,
  mayBeKnown = false,
): Promise<Client | null> {
  if (!key.startsWith('rb_')) return null;
  const hash = await sha256Hex(key);
  const known = mayBeKnown ? knownClients.get(hash) : null;
  if (known !== null) return known;
  const { client, catalog } = await stores.clients.byKeyHash(hash, knownModels.version);
  knownModels.saw(catalog);
  if (client !== null) knownClients.saw(client);
  return client;
}

/** 429 where a client sends more than its rate. */
export async function holdToRate(services: Services, client: Client): Promise<void> {
  if ((await services.rates.client.limit({ key: client.id })).success) return;
  throw new ProblemError('rate-limited', 'This client sends too many requests.', { retryAfterSeconds: 1 });
}

/** 429 where an address that needs no key sends more than a client may. */
export async function holdAddressToRate(c: Context, services: Services): Promise<void> {
  if ((await services.rates.client.limit({ key: networkOf(addressOf(c)) })).success) return;
  throw new ProblemError('rate-limited', 'Too many requests from this address.', { retryAfterSeconds: 1 });
}

function addressOf(c: Context): string {
  return c.req.header('cf-connecting-ip') ?? 'unknown';
}

/** Lets the operator in by the admin token; nobody from where too many have failed, for a minute. */
export function adminAuth(services: Services) {
  return createMiddleware(async (c, next) => {
    const waiting = operatorSignInWait(c, services);
    if (waiting !== null) throw waiting;
    const credential = readCredential(c.req.header('authorization'), OPERATOR_HEADER);
    if (credential.kind === 'mistake') throw await failedOperatorSignIn(c, services, credential.words);
    if (!(await isSame(credential.token, services.config.adminToken)))
      throw await failedOperatorSignIn(c, services, wordsForOperator(credential.token));
    await next();
  });
}

function wordsForOperator(token: string): string {
  const whose = token.startsWith('rb_')
    ? "This is a client's key, which opens /v1 alone."
    : 'This is not the ADMIN_TOKEN.';
  return `${whose} Send ${OPERATOR_HEADER}.`;
}

/** Compares hashes in constant time, so that neither the length nor a common prefix shows. */
export async function isSame(a: string, b: string): Promise<boolean> {
  const encoder = new TextEncoder();
  const [hashA, hashB] = await Promise.all(
    [a, b].map(async (text) => await crypto.subtle.digest('SHA-256', encoder.encode(text))),
  );
  return hashA !== undefined && hashB !== undefined && crypto.subtle.timingSafeEqual(hashA, hashB);
}

/** Counts a failed sign-in of this address, and says what to answer: 401, or 429 where there were too many. */
export async function failedSignIn(c: Context, services: Services, detail: string): Promise<ProblemError> {
  const isAllowed = await countFailure(services, networkOf(addressOf(c)));
  return isAllowed ? new ProblemError('unauthorized', detail) : tooManyFailures(SIGN_IN_WAIT_SECONDS);
}

/**
 * The same for who may be the operator. From then on right ones of that address wait too; failures of a client's old key,
 * however often it is sent, begin no such wait.
 */
export async function failedOperatorSignIn(
  c: Context,
  services: Services,
  detail: string,
): Promise<ProblemError> {
  const network = networkOf(addressOf(c));
  if (await countFailure(services, network)) return new ProblemError('unauthorized', detail);
  services.signInWaits.begin(network);
  return tooManyFailures(SIGN_IN_WAIT_SECONDS);
}

/** The 429, whatever the credentials are, where too many sign-ins as the operator have failed from this address; else null. */
export function operatorSignInWait(c: Context, services: Services): ProblemError | null {
  const seconds = services.signInWaits.left(networkOf(addressOf(c)));
  return seconds === null ? null : tooManyFailures(seconds);
}

async function countFailure({ rates }: Services, key: string): Promise<boolean> {
  return (await rates.failedSignIn.limit({ key })).success;
}

function tooManyFailures(retryAfterSeconds: number): ProblemError {
  const detail = 'Too many failed sign-ins from this address.';
  return new ProblemError('rate-limited', detail, { retryAfterSeconds });
}

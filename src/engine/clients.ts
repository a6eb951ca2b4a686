import type { Secrets } from '../sealing/secrets.ts';
import { clientId } from '../domain/ids.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import { formatSigningSecret } from '../domain/signature.ts';
import { OPERATOR_KEY } from '../domain/client.ts';
import type { Client } from '../domain/client.ts';
import type { ClientStore } from '../store/clients.ts';
import { withSigningSecret } from '../delivery/signing-secrets.ts';
import { accountIdOf } from './upstream-keys.ts';

const SECRET_BYTES = 32;
/** How often a rotation is tried against others that are quicker. */
const MAX_TRIES = 10;

export interface ClientDeps {
  readonly clients: ClientStore;
  readonly secrets: Secrets;
  readonly randomBytes: (length: number) => Uint8Array;
}

export interface NewClient {
  readonly name: string;
  readonly keyHash: string;
  readonly upstreamApiKey: string | null;
  readonly maxActiveTasks: number | null;
  readonly dailyCreditLimit: number | null;
  readonly maxQueuedTasks: number;
  readonly callbackJwt: 0 | 1;
  readonly keepResults: 0 | 1;
  readonly failureCallbackUrl: string | null;
}

/** Makes a client; its signing secret is returned, to be shown this once and again only after a rotation. */
export async function createClient(
  deps: ClientDeps,
  { upstreamApiKey, ...given }: NewClient,
  now: number,
): Promise<{ client: Client; signingSecret: string }> {
  const id = clientId(now, deps.randomBytes(16));
  const signingSecret = formatSigningSecret(deps.randomBytes(SECRET_BYTES));
  const client: Client = {
    ...given,
    id,
    signingSecret: await deps.secrets.seal(signingSecret, sealedFor.signingSecret(id)),
    previousSigningSecret: null,
    previousSecretUntil: null,
    olderSigningSecrets: null,
    accountId: await keepUpstreamKey(deps, upstreamApiKey, now),
    createdAt: now,
    revokedAt: null,
  };
  await deps.clients.insert(client);
  return { client, signingSecret };
}

/** The account of a client's own upstream key, kept sealed; without one, the operator's. */
export async function keepUpstreamKey(
  deps: ClientDeps,
  upstreamApiKey: string | null,
  now: number,
): Promise<string> {
  if (upstreamApiKey === null) return OPERATOR_KEY;
  const accountId = await accountIdOf(upstreamApiKey);
  await deps.clients.saveUpstreamKey(
    accountId,
    await deps.secrets.seal(upstreamApiKey, sealedFor.upstreamKey(accountId)),
    now,
  );
  return accountId;
}

/**
 * A new signing secret; each that was replaced signs beside it for 24 h, so that receivers can change over without a gap.
 * Of two rotations at once each replaces what the other left.
 */
export async function rotateSecret(deps: ClientDeps, client: Client, now: number): Promise<string> {
  const signingSecret = formatSigningSecret(deps.randomBytes(SECRET_BYTES));
  let current: Client | null = client;
  for (let tries = 0; tries < MAX_TRIES && current !== null; tries++) {
    const next = await withSigningSecret(deps.secrets, current, signingSecret, now);
    const isReplaced = await deps.clients.replaceSecret(client.id, current.signingSecret, next);
    if (isReplaced) return signingSecret;
    current = await deps.clients.get(client.id);
    // D1 carried the write out and lost its answer.
    if (current?.signingSecret === next.signingSecret) return signingSecret;
  }
  throw new Error(`the signing secret of ${client.id} changed ${MAX_TRIES} times while it was to be changed`);
}

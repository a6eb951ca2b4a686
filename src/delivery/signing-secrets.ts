import { SealError } from '../sealing/secrets.ts';
import type { Secrets } from '../sealing/secrets.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import type { Client } from '../domain/client.ts';

/** How long a signing secret goes on signing after it was replaced, so that receivers can change over without a gap. */
const REPLACED_SIGNS_MS = 24 * 3_600_000;
/** Of the replaced secrets that still sign; the oldest of more stop early. Each is a value of `webhook-signature`. */
export const MAX_REPLACED = 10;

/** A signing secret that was replaced. */
interface Replaced {
  readonly secret: string;
  /** It signs until then. Epoch ms. */
  readonly until: number;
}

/** Where a client's secrets stand in its row. */
type Stored = Pick<
  Client,
  'id' | 'signingSecret' | 'previousSigningSecret' | 'previousSecretUntil' | 'olderSigningSecrets'
>;

/**
 * The secrets that sign a client's callbacks at an instant (epoch ms): the current one first, then each that was replaced in
 * the 24 h before, the newest first. Throws `SealError` where one of them does not open.
 */
export async function signingSecrets(
  secrets: Secrets,
  client: Stored,
  now: number,
): Promise<[string, ...string[]]> {
  const current = await secrets.open(client.signingSecret, sealedFor.signingSecret(client.id));
  const replaced = [
    ...(await openPrevious(secrets, client, now)),
    ...(await openOlder(secrets, client, now)),
  ];
  return [current, ...new Set(replaced.map(({ secret }) => secret))];
}

/**
 * A client's columns once `signingSecret` takes the place of its current one. A replaced secret that does not open is left
 * out: with its master key lost it can sign nothing, and would hold up every callback.
 */
export async function withSigningSecret(
  secrets: Secrets,
  client: Stored,
  signingSecret: string,
  now: number,
): Promise<Omit<Stored, 'id'>> {
  const context = sealedFor.signingSecret(client.id);
  const opens = await secrets.open(client.signingSecret, context).then(() => true, isSealed);
  const earlier = [
    ...(await openPrevious(secrets, client, now).catch(noneOpens)),
    ...(await openOlder(secrets, client, now).catch(noneOpens)),
  ];
  const older = earlier.slice(0, MAX_REPLACED - 1);
  return {
    signingSecret: await secrets.seal(signingSecret, context),
    // In a column of its own, where releases that know of one only look for it.
    previousSigningSecret: opens ? client.signingSecret : null,
    previousSecretUntil: opens ? now + REPLACED_SIGNS_MS : null,
    olderSigningSecrets:
      older.length === 0
        ? null
        : await secrets.seal(JSON.stringify(older), sealedFor.olderSigningSecrets(client.id)),
  };
}

async function openPrevious(secrets: Secrets, client: Stored, now: number): Promise<Replaced[]> {
  const { id, previousSigningSecret: sealed, previousSecretUntil: until } = client;
  if (sealed === null || until === null || until <= now) return [];
  return [{ secret: await secrets.open(sealed, sealedFor.signingSecret(id)), until }];
}

async function openOlder(
  secrets: Secrets,
  { id, olderSigningSecrets: sealed }: Stored,
  now: number,
): Promise<Replaced[]> {
  if (sealed === null) return [];
  const opened = await secrets.open(sealed, sealedFor.olderSigningSecrets(id));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- sealed by `withSigningSecret` alone
  return (JSON.parse(opened) as Replaced[]).filter(({ until }) => until > now);
}

function isSealed(error: unknown): boolean {
  if (!(error instanceof SealError)) throw error;
  return false;
}

function noneOpens(error: unknown): Replaced[] {
  return isSealed(error) ? [] : [];
}

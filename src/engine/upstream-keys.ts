import { SealError } from '../adapters/secrets.ts';
import type { Secrets } from '../adapters/secrets.ts';
import { sha256Hex } from '../domain/hex.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import { OPERATOR_ACCOUNT } from '../store/clients.ts';
import type { ClientStore } from '../store/clients.ts';
import { logError } from './log.ts';

const ACCOUNT_ID_DIGITS = 32;

export interface UpstreamKeyOptions {
  readonly clients: ClientStore;
  readonly secrets: Secrets;
  readonly operatorKey: string | null;
  /** The keys that this isolate has opened, by account. */
  readonly opened: Map<string, string>;
}

/** Finds the upstream key of an account; an account's key never changes, so each is opened once. */
export function createUpstreamKeys({ clients, secrets, operatorKey, opened }: UpstreamKeyOptions) {
  return async (accountId: string): Promise<string | null> => {
    if (accountId === OPERATOR_ACCOUNT) return operatorKey;
    const known = opened.get(accountId);
    if (known !== undefined) return known;
    const sealed = await clients.sealedKey(accountId);
    if (sealed === null) return null;
    try {
      const key = await secrets.open(sealed, sealedFor.upstreamKey(accountId));
      opened.set(accountId, key);
      return key;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      logError('an upstream key does not open with the MASTER_KEY that is configured now', error, {
        account_id: accountId,
      });
      return null;
    }
  };
}

/**
 * The account of an upstream key: the same for every client that brings the same key, because upstream's limits and its
 * idempotency belong to the key. A key has the entropy of a secret, so its hash gives nothing away.
 */
export async function accountIdOf(upstreamKey: string): Promise<string> {
  const hex = await sha256Hex(`ringback account ${upstreamKey}`);
  return `account_${hex.slice(0, ACCOUNT_ID_DIGITS)}`;
}

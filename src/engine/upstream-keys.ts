import { SealError } from '../sealing/secrets.ts';
import type { Secrets } from '../sealing/secrets.ts';
import { sha256Hex } from '../domain/hex.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import { OPERATOR_KEY } from '../domain/client.ts';
import type { UpstreamKey } from '../domain/upstream-key.ts';
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

/** Opens upstream keys; an id's key never changes, so each is opened once. */
export function createUpstreamKeys({ clients, secrets, operatorKey, opened }: UpstreamKeyOptions) {
  const open = async (keyId: string, sealed: string | null): Promise<string | null> => {
    if (sealed === null) return null;
    try {
      const key = await secrets.open(sealed, sealedFor.upstreamKey(keyId));
      opened.set(keyId, key);
      return key;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      logError('an upstream key does not open with the MASTER_KEY that is configured now', error, {
        account_id: keyId,
      });
      return null;
    }
  };
  const known = (keyId: string): string | null | undefined =>
    keyId === OPERATOR_KEY ? operatorKey : opened.get(keyId);

  return {
    /** The key of a lane that was read with its tasks: asks the database nothing. Null where there is none any longer. */
    openKey: async (keyId: string, key: UpstreamKey | null): Promise<string | null> => {
      const opens = known(keyId);
      return opens === undefined ? await open(keyId, key?.sealedKey ?? null) : opens;
    },

    /** The same, read from the database where it is not open yet. */
    upstreamKey: async (keyId: string): Promise<string | null> => {
      const opens = known(keyId);
      return opens === undefined ? await open(keyId, await clients.sealedKey(keyId)) : opens;
    },
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

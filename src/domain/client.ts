/** A client: somebody who may post tasks, with the secrets that are its own. Epoch ms. */
export interface Client {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of its key, in hex. */
  readonly keyHash: string;
  /** Sealed. */
  readonly signingSecret: string;
  /** Sealed; also signs until `previousSecretUntil`. */
  readonly previousSigningSecret: string | null;
  readonly previousSecretUntil: number | null;
  /** Those that were replaced before, as far as they still sign: one sealed list. */
  readonly olderSigningSecrets: string | null;
  readonly accountId: string;
  readonly maxActiveTasks: number | null;
  readonly dailyCreditLimit: number | null;
  /** Its tasks that may wait here at once. */
  readonly maxQueuedTasks: number;
  /** Callbacks carry a JWT too; 1 or 0, as SQLite keeps it. */
  readonly callbackJwt: 0 | 1;
  /** Copies of its results are kept, where there is a bucket; 1 or 0, as SQLite keeps it. */
  readonly keepResults: 0 | 1;
  /** Called once for each callback of this client that is given up. */
  readonly failureCallbackUrl: string | null;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** The upstream key that is the operator's own, and stays in the environment. */
export const OPERATOR_KEY = 'operator';

import type { Client } from '../domain/client.ts';
import { fromJson, jsonOf } from './json-row.ts';

/** The column of each field. */
export const COLUMN_OF = {
  id: 'id',
  name: 'name',
  keyHash: 'key_hash',
  signingSecret: 'signing_secret',
  previousSigningSecret: 'previous_signing_secret',
  previousSecretUntil: 'previous_secret_until',
  olderSigningSecrets: 'older_signing_secrets',
  accountId: 'account_id',
  maxActiveTasks: 'max_active_tasks',
  dailyCreditLimit: 'daily_credit_limit',
  maxQueuedTasks: 'max_queued_tasks',
  callbackJwt: 'callback_jwt',
  keepResults: 'keep_results',
  failureCallbackUrl: 'failure_callback_url',
  createdAt: 'created_at',
  revokedAt: 'revoked_at',
} as const satisfies Record<keyof Client, string>;

export const FIELDS = Object.keys(COLUMN_OF) as (keyof Client)[];

/** What a select of clients takes. */
export const CLIENT_COLUMNS = FIELDS.map((field) => `${COLUMN_OF[field]} as ${field}`).join(', ');

/** A client of a table named `c`, as JSON. */
export const CLIENT_JSON = jsonOf(FIELDS, (field) => `c.${COLUMN_OF[field as keyof Client]}`);

/** The client that `CLIENT_JSON` gave. */
export function clientOf(json: string): Client {
  return fromJson(json) as Client;
}

import { randomBytes } from 'node:crypto';

const TOKEN_BYTES = 24;
const MASTER_KEY_BYTES = 32;

/** Fresh secrets for a relay on this machine. */
export function generateSecrets(): { ADMIN_TOKEN: string; MASTER_KEY: string } {
  return {
    ADMIN_TOKEN: randomBytes(TOKEN_BYTES).toString('base64url'),
    MASTER_KEY: randomBytes(MASTER_KEY_BYTES).toString('base64'),
  };
}

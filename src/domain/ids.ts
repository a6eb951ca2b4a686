const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;
const RANDOM_BYTES = 16;

/**
 * A ULID in lower case (https://github.com/ulid/spec): 48 bits of time, 80 of randomness, sorted by time. So a task's id
 * is its place in every list, and a time span is a range of the primary key.
 *
 * @param random 16 random bytes, of which 80 bits are used.
 */
function ulid(epochMs: number, random: Uint8Array): string {
  if (random.length < RANDOM_BYTES) throw new RangeError(`a ULID takes ${RANDOM_BYTES} random bytes`);
  return timePart(epochMs) + Array.from(random.subarray(0, 16), (byte) => CROCKFORD[byte % 32]).join('');
}

function timePart(epochMs: number): string {
  let rest = epochMs;
  let text = '';
  for (let i = 0; i < TIME_CHARACTERS; i++) {
    text = `${CROCKFORD[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** A new task id; it is the task's `X-Request-ID` upstream too, so it never changes. */
export function taskId(epochMs: number, random: Uint8Array): string {
  return `task_${ulid(epochMs, random)}`;
}

/** A new client id. */
export function clientId(epochMs: number, random: Uint8Array): string {
  return `client_${ulid(epochMs, random)}`;
}

/** A new subscription id. */
export function subscriptionId(epochMs: number, random: Uint8Array): string {
  return `sub_${ulid(epochMs, random)}`;
}

/** A new id of what an operator did: sorted by time. */
export function auditId(epochMs: number, random: Uint8Array): string {
  return `audit_${ulid(epochMs, random)}`;
}

/** The smallest id of what an operator did at `epochMs`. */
export function firstAuditIdAt(epochMs: number): string {
  return `audit_${timePart(epochMs)}`;
}

/** The smallest id that a task made at `epochMs` can have: ids of earlier tasks sort before it. */
export function firstTaskIdAt(epochMs: number): string {
  return `task_${timePart(epochMs)}`;
}

/** The `webhook-id` of a task's end: one per task, the same in every attempt and every redelivery. */
export function webhookId(task: string): string {
  return `msg_${task.replace(/^task_/, '')}`;
}

/** The task whose end has this `webhook-id`. */
export function taskOf(webhook: string): string {
  return `task_${webhook.replace(/^msg_/, '')}`;
}

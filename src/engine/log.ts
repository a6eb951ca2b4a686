type Fields = Readonly<Record<string, string | number | boolean | null>>;

/*
 * Structured lines in Workers Logs, one JSON object each: `level`, `message`, and `task_id` and `client_id` where the line
 * is about a task. Never hand them a secret, a header value, a URL of a receiver or a body.
 */

/** Something went on as it should, and whoever looks for it later wants to find it. */
export function logInfo(message: string, fields: Fields = {}): void {
  // oxlint-disable-next-line no-console -- the console is where Workers Logs are written from
  console.log(JSON.stringify({ level: 'info', message, ...fields }));
}

/** Something that was to be expected went wrong, and its owner may want to act. */
export function logWarning(message: string, fields: Fields = {}): void {
  // oxlint-disable-next-line no-console -- the console is where Workers Logs are written from
  console.warn(JSON.stringify({ level: 'warning', message, ...fields }));
}

/** Something broke: a bug, or a part of the world that is not there. */
export function logError(message: string, error: unknown, fields: Fields = {}): void {
  const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  // oxlint-disable-next-line no-console -- the console is where Workers Logs are written from
  console.error(JSON.stringify({ level: 'error', message, error: cause, ...fields }));
}

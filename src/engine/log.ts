/** One structured line in Workers Logs. Never hand it a secret, a header value or a body. */
export function logError(
  message: string,
  error: unknown,
  fields: Record<string, string | number> = {},
): void {
  const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  // oxlint-disable-next-line no-console -- the console is where Workers Logs are written from
  console.error(JSON.stringify({ level: 'error', message, error: cause, ...fields }));
}

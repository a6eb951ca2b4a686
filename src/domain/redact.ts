/** Shorter values are words that may stand in a text by chance, and give nothing away. */
const MIN_SECRET_LENGTH = 6;

/**
 * The text without these secrets: what a peer answers may repeat what it was sent, and is shown to people who are not to
 * know it.
 */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => [secret, secret.replace(/^\S+\s+/, ''), JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}

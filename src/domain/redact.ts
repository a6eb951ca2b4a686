/** Shorter values are words that may stand in a text by chance, and give nothing away. */
const MIN_SECRET_LENGTH = 6;
const REDACTED = '[redacted]';

/**
 * The text without these secrets: what a peer answers may repeat what it was sent, and is shown to people who are not to
 * know it. A secret that the text's end cuts off is taken out too, for texts are read up to a limit.
 */
export function redact(text: string, secrets: readonly string[]): string {
  return (
    secrets
      .flatMap((secret) => [secret, secret.replace(/^\S+\s+/, ''), JSON.stringify(secret).slice(1, -1)])
      .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
      // The longest first: one may begin with another, and its rest would stay.
      .sort((a, b) => b.length - a.length)
      .reduce((rest, secret) => withoutBeginning(rest.replaceAll(secret, REDACTED), secret), text)
  );
}

/** The text without a beginning of the secret at its very end. */
function withoutBeginning(text: string, secret: string): string {
  for (let length = Math.min(secret.length - 1, text.length); length >= MIN_SECRET_LENGTH; length--) {
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + REDACTED;
  }
  return text;
}

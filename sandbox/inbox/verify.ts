import { Webhook } from 'standardwebhooks';

/** Checks a Standard Webhooks signature with the reference package: null where it holds, else the reason. */
export function signatureProblem(
  secret: string,
  headers: Record<string, string>,
  rawBody: string,
): string | null {
  try {
    new Webhook(secret).verify(rawBody, headers, { jsonParse: false });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

import { generateSecrets } from '../secrets.ts';

/** The lines of a file of `NAME=value`. */
export function parseSecrets(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => /^([A-Z_]+)=(.*?)\s*$/.exec(line));
  return Object.fromEntries(
    lines.flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? '']])),
  );
}

/** What the file is to hold: what stands in it stays, the upstream key is the given one, and what is missing is made. */
export function completeSecrets(
  existing: Record<string, string>,
  upstreamKey: string | null,
): Record<string, string> {
  const upstream = upstreamKey === null ? {} : { UPSTREAM_API_KEY: upstreamKey };
  return { ...generateSecrets(), ...existing, ...upstream };
}

export function secretsText(secrets: Record<string, string>): string {
  return Object.entries(secrets)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

import { fromBase64 } from './base64.ts';

/** Names that speak of a credential; not those that only sound so: an author, a keyboard, a tokenizer. */
const CREDENTIAL_NAME =
  /(?<!mon|tur|don|hoc)key(?!word|board|note|frame|stone)|token(?!i[sz])|secret(?!ar)|passw|passphrase|pwd|(?<!un)auth(?!or(?!i[sz]))|cookie|signature|(?:^|[^a-z])sig(?:$|[^a-z])|credential|jwt|bearer|session/i;
/** A value under any other name may be a secret as well, where it is as long as this. */
const MIN_UNNAMED_LENGTH = 16;
/** `Scheme X`: two texts, the first of them a token. */
const SCHEME_AND_CREDENTIAL = /^([A-Za-z][\w-]*)\s+(\S+)$/;
/** `session=…; csrf="…"`. */
const PARAMETERS = /[\w-]+=("?)([^"\s,;]{8,})\1/g;

/**
 * What is secret of a task's `callback_headers`: the values whose names speak of a credential, with what is in them (the
 * credential behind its scheme, the name and password of `Basic`, the values of parameters), and other long values.
 */
export function credentialsIn(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (CREDENTIAL_NAME.test(name)) return [value, ...withinCredential(value)];
    return value.length >= MIN_UNNAMED_LENGTH ? [value] : [];
  });
}

function withinCredential(value: string): string[] {
  const [, scheme, credential] = SCHEME_AND_CREDENTIAL.exec(value) ?? [];
  const parameters = [...value.matchAll(PARAMETERS)].map(([, , parameter]) => parameter ?? '');
  if (scheme === undefined || credential === undefined) return parameters;
  return [
    credential,
    ...parameters,
    ...(scheme.toLowerCase() === 'basic' ? nameAndPassword(credential) : []),
  ];
}

/** RFC 7617: the password may hold colons, the name may not. */
function nameAndPassword(credential: string): string[] {
  const bytes = fromBase64(credential);
  if (bytes === null) return [];
  const pair = new TextDecoder().decode(bytes);
  const colon = pair.indexOf(':');
  return colon === -1 ? [pair] : [pair, pair.slice(colon + 1)];
}

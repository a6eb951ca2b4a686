/** `rb_` and 32 bytes in base64url. */
const KEY = /^rb_[\w-]{43}$/;
/** `$KEY`, `${KEY}`, `%KEY%`, `{{key}}`, `<key>`, `YOUR_API_KEY`, `rb_…`: what an example has in a key's place. */
const PLACEHOLDER = /^[$%<{[]|[…}>%\]]$|^(rb_)?(\.{3}|x{4,}|your[_-])|^(api[_-])?key$/i;

/** What an `Authorization` header holds, as far as it can be read. */
export type Credential =
  | { readonly kind: 'token'; readonly token: string }
  /** What is wrong, and what to send instead: a sentence or two. */
  | { readonly kind: 'mistake'; readonly words: string };

/** The header to send, in words. */
export const CLIENT_HEADER = 'Authorization: Bearer rb_…, with the key of a client';
export const OPERATOR_HEADER = 'Authorization: Bearer …, with the ADMIN_TOKEN';

/**
 * Reads the token of an `Authorization` header. Given twice alike, as by a tool's credentials and by hand, it counts once. A token
 * has no spaces, but may have commas.
 *
 * @param wanted the header to send, in words.
 */
export function readCredential(header: string | undefined, wanted: string): Credential {
  const [given = '', ...others] = new Set((header ?? '').split(',').map((one) => one.trim()));
  const token = /^Bearer +(\S+)$/i.exec(given)?.[1];
  if (others.length === 0 && token !== undefined) return { kind: 'token', token };
  return { kind: 'mistake', words: `${wordsOfHeader(given, others.length > 0)} Send ${wanted}.` };
}

function wordsOfHeader(given: string, hasOthers: boolean): string {
  if (hasOthers)
    return 'The Authorization header is given twice and differs, or its token has a comma in it.';
  if (given === '') return 'There is no Authorization header.';
  if (/^Bearer$/i.test(given)) return 'The Authorization header says Bearer, and no key follows.';
  if (/^Bearer +(Authorization: *)?Bearer\b/i.test(given))
    return 'The Authorization header says Bearer twice: the tool adds it by itself.';
  if (/^Bearer\b/i.test(given)) return 'What follows Bearer has a space in it, or no space in front.';
  if (/^Basic\b/i.test(given))
    return 'The Authorization header is Basic, with user name and password: choose a bearer token, or a header of your own.';
  return 'The Authorization header does not begin with the word Bearer and a space.';
}

/** What is wrong with a token that opens nothing. What it is is told by its form alone, and never shown. */
export function wordsOfToken(token: string, wanted: string): string {
  return `${problemOfToken(token)} Send ${wanted}.`;
}

function problemOfToken(token: string): string {
  if (/^["'`“‘]|["'`”’]$/.test(token)) return 'The key stands in quotes: leave them out.';
  if (PLACEHOLDER.test(token))
    return 'In the place of the key stands a variable or an example ($KEY, {{key}}, rb_…) that was not filled in.';
  if (token.startsWith('sk-'))
    return 'This is a key of upstream (sk-…), which stays with the operator: clients have keys of Ringback, which begin with rb_.';
  if (token.startsWith('whsec_'))
    return 'This is a signing secret (whsec_…), which proves that a callback is genuine, and opens nothing.';
  if (!token.startsWith('rb_')) return 'This is no key of Ringback: those begin with rb_.';
  return KEY.test(token)
    ? 'No client has this key: it was replaced, its client was revoked, or it belongs to another Ringback.'
    : 'The key was not copied whole: rb_ is followed by 43 characters.';
}

/** The token in what somebody pasted: a whole header, or its value, as well as the token alone. */
export function pastedToken(text: string): string {
  return text
    .trim()
    .replace(/^Authorization: */i, '')
    .replace(/^Bearer +/i, '')
    .replace(/^(["'`])(.*)\1$/s, '$2')
    .trim();
}

/** What nobody sees in a link, or what makes it read as another one; white space, too, ends one for whoever reads it. */
const UNSEEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
/** Between the slashes and the path: a user name, or an empty one, which leaves no trace after parsing. */
const USER_INFO = /^https?:[/\\]*[^/\\?#]*@/i;
const MAX_CHARACTERS = 4_096;

/**
 * Whether an address that somebody else gave may be shown as a link: to the web, and to where it seems to lead. No user
 * info ("https://bank.example@evil.example"), nothing invisible, nothing that turns the text around.
 */
export function isSafeLink(url: string): boolean {
  if (url.length > MAX_CHARACTERS || UNSEEN.test(url) || USER_INFO.test(url) || !URL.canParse(url))
    return false;
  const { protocol, username, password } = new URL(url);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}

import { isSafeLink } from '../../domain/safe-link.ts';
import { shown } from '../../domain/shown.ts';

/** A row's text is longer than what a peer says, and is shown whole. */
const MAX_BYTES = 16_384;

/** An address that somebody else gave: a link where it leads to where it seems to, and else its text. */
export function WebLink({ url }: { url: string }) {
  if (!isSafeLink(url)) return <UrlText url={url} />;
  return (
    <a href={url} rel="noreferrer" class="mono break" target="_blank">
      {url}
    </a>
  );
}

/** An address as text, with what is invisible in it spelled out. */
export function UrlText({ url }: { url: string }) {
  return <span class="mono break">{shown(url, MAX_BYTES)}</span>;
}

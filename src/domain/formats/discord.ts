import { unlinked } from './inert.ts';
import type { Sentence } from './sentence.ts';

/** https://docs.discord.com/developers/resources/webhook#execute-webhook. In characters. */
const MAX_CONTENT = 2_000;

/** Whatever Discord reads as markup, a mention, an emoji or a time; a backslash before it has it shown as it is. */
const MARKUP = /[\\*_~`|<>#[\]()@:+-]/g;

/** A message for a webhook of Discord, which mentions nobody. */
export function discordMessage({ text, link }: Sentence) {
  const shown = unlinked(text).replaceAll(MARKUP, String.raw`\$&`);
  const content = link === null ? shown : `${shown} ${link.replaceAll(/[<>\s]/g, encodeURIComponent)}`;
  const fits = content.length <= MAX_CONTENT;
  return {
    content: fits ? content : `${shown} (Its link is too long for Discord.)`,
    allowed_mentions: { parse: [] as string[] },
  };
}

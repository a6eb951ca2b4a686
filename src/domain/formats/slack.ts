import { inert } from './inert.ts';
import type { Sentence } from './sentence.ts';

/** Slack cuts messages above 40,000 characters; a link beyond this is no link that anybody follows from a chat. */
const MAX_LINK = 3_000;

/** A message for an incoming webhook of Slack: https://docs.slack.dev/messaging/formatting-message-text. */
export function slackMessage({ text, link }: Sentence) {
  const shown = escaped(inert(text));
  if (link === null) return { text: shown };
  return {
    text: link.length > MAX_LINK ? `${shown} (Its link is too long for Slack.)` : `${shown} <${plain(link)}>`,
  };
}

/** The three characters by which Slack's control sequences begin and end. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A URL between angle brackets: what would end it, or begin its label, is percent-encoded. */
function plain(link: string): string {
  return link.replaceAll('&', '&amp;').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('|', '%7C');
}

import { inert } from './inert.ts';
import type { Sentence } from './sentence.ts';

/** A message has at most 28 KB: https://learn.microsoft.com/microsoftteams/limits-specifications-teams. In characters. */
const MAX_LINK = 8_000;

/**
 * A message for a workflow of Teams ("When a Teams webhook request is received"): an Adaptive Card. Runs of a RichTextBlock know
 * no markdown (https://adaptivecards.io/explorer/TextRun.html); what a template would fill in is taken apart.
 */
export function teamsMessage({ text, link }: Sentence) {
  const shown = inert(text).replaceAll('{', '❴').replaceAll('}', '❵');
  const hasButton = link !== null && link.length <= MAX_LINK;
  const note = link !== null && !hasButton ? ' (Its link is too long for Teams.)' : '';
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: `${shown}${note}` }] }],
          ...(hasButton
            ? { actions: [{ type: 'Action.OpenUrl', title: 'Open the result', url: link }] }
            : {}),
        },
      },
    ],
  };
}

import type { FlatBody } from '../callback-body.ts';
import type { Format } from '../subscription.ts';
import { discordMessage } from './discord.ts';
import { sentenceOf } from './sentence.ts';
import { slackMessage } from './slack.ts';
import { teamsMessage } from './teams.ts';

/**
 * A message in a subscription's format: the flat body, or one sentence in the way of a chat. A pure function, so it is byte for
 * byte the same in every attempt.
 *
 * @param prompt of the task; null where it has none, and for what is about no task.
 */
export function formatted(format: Format, body: FlatBody, prompt: string | null): string {
  switch (format) {
    case 'json':
      return JSON.stringify(body);
    case 'slack':
      return JSON.stringify(slackMessage(sentenceOf(body, prompt)));
    case 'discord':
      return JSON.stringify(discordMessage(sentenceOf(body, prompt)));
    case 'teams':
      return JSON.stringify(teamsMessage(sentenceOf(body, prompt)));
  }
}

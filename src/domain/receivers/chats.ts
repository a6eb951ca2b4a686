import { isWithin, pauseOf } from './known-receiver.ts';
import type { KnownReceiver, ReceiverProfile } from './known-receiver.ts';

/** Chats, which take nothing but messages in their own format. */

const SECOND_MS = 1_000;
const SLACK_HOSTS: ReadonlySet<string> = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);
/** `/triggers/` since 2023, `/workflows/` before. */
const SLACK_WORKFLOW_PATH = /^\/(?:triggers|workflows)\/./;
const DISCORD_PATH = /^\/api\/(?:v\d+\/)?webhooks\/./;

const SLACK: ReceiverProfile = {
  name: 'Slack',
  minIntervalMs: SECOND_MS,
  rateScope: 'url',
  quirk: 'Slack takes its own message format only, and answers 410 where the channel is archived.',
  oneOff: null,
  saysMore: true,
  source:
    'https://docs.slack.dev/apis/web-api/rate-limits (1 message a second), ' +
    'https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks, read 2026-11-22',
};

/** A workflow that starts from a webhook: no chat format, but the variables that it was made with. */
const SLACK_WORKFLOW: ReceiverProfile = {
  name: 'Slack workflow',
  minIntervalMs: null,
  rateScope: 'url',
  quirk:
    'A Slack workflow takes the variables that its webhook was set up with, as texts, and answers {"ok":false} with the ' +
    'reason where something does not fit.',
  oneOff: null,
  saysMore: true,
  source:
    'https://docs.slack.dev/tools/node-slack-sdk/reference/webhook/classes/WebhookTrigger and ' +
    'https://github.com/slackapi/node-slack-sdk/pull/2615 (texts in, ok and error out), ' +
    'https://github.com/aws-samples/aws-health-aware/issues/39 (a missing variable), read 2026-11-28',
};

const DISCORD: ReceiverProfile = {
  name: 'Discord',
  // "Rate limits should not be hard coded": Discord names no number, and says when to come back.
  minIntervalMs: null,
  rateScope: 'url',
  quirk: 'Discord takes its own message format only, with content or embeds.',
  oneOff: null,
  source:
    'https://docs.discord.com/developers/topics/rate-limits, ' +
    'https://github.com/discord/discord-api-docs/issues/6358, read 2026-11-22',
};

const TEAMS: ReceiverProfile = {
  name: 'Microsoft Teams',
  minIntervalMs: pauseOf(4, SECOND_MS),
  rateScope: 'url',
  quirk:
    'Microsoft Teams takes its own message cards only, and answers 200 with the reason where it posted none.',
  oneOff: null,
  saysMore: true,
  source:
    'https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook ' +
    '(4 requests a second), read 2026-11-22; https://github.com/MicrosoftDocs/msteams-docs/issues/9064 and 1810 ' +
    '(a failure is a 200 whose text is no number), read 2026-11-28',
};

export const CHATS: readonly KnownReceiver[] = [
  { isAt: ({ host, path }) => SLACK_HOSTS.has(host) && path.startsWith('/services/'), profile: SLACK },
  {
    isAt: ({ host, path }) => SLACK_HOSTS.has(host) && SLACK_WORKFLOW_PATH.test(path),
    profile: SLACK_WORKFLOW,
  },
  {
    isAt: ({ host, path }) =>
      (isWithin(host, 'discord.com') || isWithin(host, 'discordapp.com')) && DISCORD_PATH.test(path),
    profile: DISCORD,
  },
  {
    isAt: ({ host, path }) =>
      isWithin(host, 'webhook.office.com') ||
      (/^outlook\.office(?:365)?\.com$/.test(host) && /^\/webhook(?:b2)?\//.test(path)),
    profile: TEAMS,
  },
];

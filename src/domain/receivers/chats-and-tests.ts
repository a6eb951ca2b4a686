import { isWithin, pauseOf } from './known-receiver.ts';
import type { KnownReceiver, ReceiverProfile } from './known-receiver.ts';

/** Chats, which take nothing but messages in their own format, and addresses that are made to look at requests. */

const SECOND_MS = 1_000;
const DISCORD_PATH = /^\/api\/(?:v\d+\/)?webhooks\/./;

const SLACK: ReceiverProfile = {
  name: 'Slack',
  minIntervalMs: SECOND_MS,
  rateScope: 'url',
  quirk: 'Slack takes its own message format only, and answers 410 where the channel is archived.',
  oneOff: null,
  source:
    'https://docs.slack.dev/apis/web-api/rate-limits (1 message a second), ' +
    'https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks, read 2026-11-22',
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
  quirk: 'Microsoft Teams takes its own message cards only.',
  oneOff: null,
  source:
    'https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook ' +
    '(4 requests a second), read 2026-11-22',
};

const WEBHOOK_SITE: ReceiverProfile = {
  name: 'webhook.site',
  minIntervalMs: null,
  rateScope: 'url',
  quirk: null,
  oneOff:
    'webhook.site is for looking at requests: without a paid plan the address is gone after a week. ' +
    'Use the address of your own tool for real tasks.',
  source: 'https://docs.webhook.site/api/tokens.html (expiry), read 2026-11-22',
};

const QUICK_TUNNEL: ReceiverProfile = {
  name: 'Cloudflare quick tunnel',
  minIntervalMs: null,
  rateScope: 'host',
  quirk: null,
  oneOff:
    'A quick tunnel has another address each time it is started. ' +
    'For real tasks use a named tunnel, or a host of your own.',
  source:
    'https://docs.rs/shell-tunnel/0.20.0/shell_tunnel/tunnel/spawned/struct.Cloudflared.html, read 2026-11-22',
};

export const CHATS_AND_TESTS: readonly KnownReceiver[] = [
  { isAt: ({ host, path }) => host === 'hooks.slack.com' && path.startsWith('/services/'), profile: SLACK },
  {
    isAt: ({ host, path }) =>
      (isWithin(host, 'discord.com') || isWithin(host, 'discordapp.com')) && DISCORD_PATH.test(path),
    profile: DISCORD,
  },
  {
    isAt: ({ host, path }) =>
      isWithin(host, 'webhook.office.com') || (host === 'outlook.office.com' && path.startsWith('/webhook/')),
    profile: TEAMS,
  },
  { isAt: ({ host }) => isWithin(host, 'webhook.site'), profile: WEBHOOK_SITE },
  { isAt: ({ host }) => isWithin(host, 'trycloudflare.com'), profile: QUICK_TUNNEL },
];

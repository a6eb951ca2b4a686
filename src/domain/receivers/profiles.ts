import { isWithin, pauseOf } from './known-receiver.ts';
import type { KnownReceiver, ReceiverProfile } from './known-receiver.ts';

/** Automation tools, whose users have no server of their own. Their limits and habits, as each tool documents them. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Celonis runs zones of Make under its own domain. */
const MAKE_HOST = /^hook\.(?:[a-z]{2}\d+\.)?(?:make\.com|make\.celonis\.com|celonis\.com|integromat\.com)$/;
/** Without the user's number: `/hooks/catch/abc123/`, and `/silent/` where it is to answer nothing. */
const LEGACY_ZAPIER_PATH = /^\/hooks\/catch\/[^/]+(?:\/silent)?\/?$/;

const IFTTT_VALUES_PATH = /^\/trigger\/[^/]+\/with\/key\/./;

export const IFTTT_VALUES = 'IFTTT (three values)';

const ZAPIER: ReceiverProfile = {
  name: 'Zapier',
  minIntervalMs: pauseOf(30, SECOND_MS),
  rateScope: 'url',
  quirk:
    'Zapier answers 200 whether or not the Zap behind the address is on; the Zap history shows whether it ran.',
  oneOff: null,
  source:
    'https://docs.zapier.com/platform/build/operating-constraints (30 webhooks a second), ' +
    'https://help.zapier.com/hc/en-us/articles/8496288690317 (always a success), read 2026-11-22',
};

const ZAPIER_LEGACY: ReceiverProfile = {
  ...ZAPIER,
  minIntervalMs: pauseOf(1_000, 5 * MINUTE_MS),
  source:
    'https://help.zapier.com/hc/en-us/articles/29972220283789 (1,000 in 5 minutes per Zap for addresses ' +
    'without a user id), https://help.zapier.com/hc/en-us/articles/8496288690317, read 2026-11-22',
};

const MAKE: ReceiverProfile = {
  name: 'Make',
  minIntervalMs: pauseOf(300, 10 * SECOND_MS),
  rateScope: 'url',
  quirk:
    'Make answers 410 while no scenario listens to the webhook, and 410 ends the delivery: ' +
    'turn the scenario on, then redeliver.',
  oneOff: null,
  source:
    'https://help.make.com/webhooks (300 in 10 seconds; 410 for a webhook without a scenario), as of 2026-04-08, ' +
    'read 2026-11-22',
};

const POWER_AUTOMATE: ReceiverProfile = {
  name: 'Power Automate or Logic Apps',
  // The lowest of the documented profiles: the address does not tell which plan its owner has.
  minIntervalMs: pauseOf(4_500, 5 * MINUTE_MS),
  rateScope: 'url',
  quirk:
    'Power Automate refuses a request that has both the sig in its URL and an Authorization header; ' +
    'let the flow check another header.',
  oneOff: null,
  saysMore: true,
  source:
    'https://learn.microsoft.com/en-us/power-automate/limits-and-config (4,500 invoke calls in 5 minutes, about ' +
    '1,000 at once), https://github.com/Azure/logicapps/issues/1157 (one scheme only), read 2026-11-22',
};

const PIPEDREAM: ReceiverProfile = {
  name: 'Pipedream',
  minIntervalMs: pauseOf(10, SECOND_MS),
  rateScope: 'url',
  quirk: null,
  oneOff: null,
  source: 'https://pipedream.com/docs/workflows/limits (10 requests a second on average), read 2026-11-22',
};

const WORKATO: ReceiverProfile = {
  name: 'Workato',
  minIntervalMs: pauseOf(20, SECOND_MS),
  rateScope: 'host',
  quirk: 'Workato takes a callback only while a recipe listens to the webhook.',
  oneOff: null,
  source:
    'https://docs.workato.com/connectors/workato-webhooks/webhooks-faqs.html (20 a second for a workspace), ' +
    'https://docs.workato.com/connectors/workato-webhooks/config.html, read 2026-11-28',
};

/** One address takes three values by their names, the other any JSON. */
const IFTTT: ReceiverProfile = {
  name: IFTTT_VALUES,
  minIntervalMs: null,
  rateScope: 'url',
  quirk:
    'This address of IFTTT passes on value1, value2 and value3 alone, which callbacks do not have. Use the one with ' +
    '/json/ behind the event’s name, and the trigger “Receive a web request with a JSON payload”.',
  oneOff: null,
  source:
    'https://hexdocs.pm/ifttt_webhook/IftttWebhook.API.html (three values), ' +
    'https://pipedream.com/apps/ifttt/actions/trigger-event-with-json.md (any JSON), read 2026-11-28',
};

export const AUTOMATION_TOOLS: readonly KnownReceiver[] = [
  {
    isAt: ({ host, path }) => host === 'hooks.zapier.com' && LEGACY_ZAPIER_PATH.test(path),
    profile: ZAPIER_LEGACY,
  },
  { isAt: ({ host }) => host === 'hooks.zapier.com', profile: ZAPIER },
  { isAt: ({ host }) => MAKE_HOST.test(host), profile: MAKE },
  {
    isAt: ({ host }) => isWithin(host, 'logic.azure.com') || isWithin(host, 'api.powerplatform.com'),
    profile: POWER_AUTOMATE,
  },
  { isAt: ({ host }) => isWithin(host, 'm.pipedream.net'), profile: PIPEDREAM },
  { isAt: ({ host }) => /^webhooks(?:\.[a-z]+)?\.workato\.com$/.test(host), profile: WORKATO },
  { isAt: ({ host, path }) => host === 'maker.ifttt.com' && IFTTT_VALUES_PATH.test(path), profile: IFTTT },
];

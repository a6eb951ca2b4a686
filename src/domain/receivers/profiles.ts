import { isWithin, pauseOf } from './known-receiver.ts';
import type { KnownReceiver, ReceiverProfile } from './known-receiver.ts';

/** Automation tools, whose users have no server of their own. Their limits and habits, as each tool documents them. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Celonis runs zones of Make under its own domain. */
const MAKE_HOST = /^hook\.(?:[a-z]{2}\d+\.)?(?:make\.com|make\.celonis\.com|celonis\.com|integromat\.com)$/;
/** Without the user's number: `/hooks/catch/abc123/`, and `/silent/` where it is to answer nothing. */
const LEGACY_ZAPIER_PATH = /^\/hooks\/catch\/[^/]+(?:\/silent)?\/?$/;

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
];

import { isWithin } from './known-receiver.ts';
import type { KnownReceiver, ReceiverProfile } from './known-receiver.ts';

/** n8n, which runs in its cloud and on anybody's own host: there its paths tell it. */

export const N8N_TEST = 'n8n (test URL)';
export const N8N_RESUME = 'n8n (resume URL)';
export const N8N = 'n8n';
/** `/webhook/` on a host of any name: other software may well have such a path. */
export const PERHAPS_N8N = 'perhaps n8n';

/** A segment of its own, anywhere: n8n can be mounted below a path. */
const RESUME_PATH = /\/webhook-waiting\/./;
const TEST_PATH = /\/webhook-test\/./;
const PRODUCTION_PATH = /^\/(?:n8n\/)?webhook\/./;

const DOCS = 'https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook/';

/** n8n documents neither a rate nor a limit at a time for the addresses themselves. */
const UNLIMITED = { minIntervalMs: null, rateScope: 'url' } as const;

const PRODUCTION: ReceiverProfile = {
  ...UNLIMITED,
  name: N8N,
  quirk: 'n8n answers 404 until the workflow is published, and where its Webhook node does not take POST.',
  oneOff: null,
  source: `${DOCS}workflow-development/ and https://github.com/n8n-io/n8n/issues/34038, read 2026-11-22`,
};

const TEST: ReceiverProfile = {
  ...UNLIMITED,
  name: N8N_TEST,
  quirk: null,
  oneOff:
    'This is an n8n test URL: it works for 120 seconds after “Listen for test event”, and for one call. ' +
    'Use the Production URL of the Webhook node, and publish the workflow.',
  source: `${DOCS}workflow-development/ and https://github.com/n8n-io/n8n/issues/16858, read 2026-11-22`,
};

const RESUME: ReceiverProfile = {
  ...UNLIMITED,
  name: N8N_RESUME,
  quirk: 'n8n answers 409 until the execution stands at its Wait node, and again once it is over.',
  oneOff: null,
  source: 'measured on n8n 2.41.1, November 2026',
};

export const N8N_RECEIVERS: readonly KnownReceiver[] = [
  { isAt: ({ path }) => RESUME_PATH.test(path), profile: RESUME },
  { isAt: ({ path }) => TEST_PATH.test(path), profile: TEST },
  { isAt: ({ host }) => isWithin(host, 'app.n8n.cloud'), profile: PRODUCTION },
  {
    isAt: ({ path }) => PRODUCTION_PATH.test(path),
    profile: { ...PRODUCTION, name: PERHAPS_N8N, quirk: null },
  },
];

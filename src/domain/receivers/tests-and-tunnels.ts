import { isWithin } from './known-receiver.ts';
import type { KnownReceiver, ReceiverProfile } from './known-receiver.ts';

/** Addresses that are made to look at requests, and tunnels to somebody's own machine. */

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

const LOCALTUNNEL: ReceiverProfile = {
  name: 'localtunnel',
  minIntervalMs: null,
  rateScope: 'host',
  quirk: null,
  oneOff:
    'A localtunnel address lives as long as its session. For real tasks use a named tunnel, or a host of your own.',
  source: 'https://unpkg.com/browse/localtunnel@2.0.0/README.md, read 2026-11-28',
};

const NGROK: ReceiverProfile = {
  name: 'ngrok',
  minIntervalMs: null,
  rateScope: 'host',
  quirk:
    'ngrok answers 404 with ERR_NGROK_3200 while no agent serves the address: start the agent with this address.',
  oneOff: null,
  source: 'https://ngrok.com/docs/errors/err_ngrok_3200, read 2026-11-28',
};

/** `ngrok.io` is the oldest, `ngrok-free.dev` the newest. */
const NGROK_DOMAINS = 'ngrok-free.app ngrok-free.dev ngrok.app ngrok.dev ngrok.io'.split(' ');

export const TESTS_AND_TUNNELS: readonly KnownReceiver[] = [
  { isAt: ({ host }) => isWithin(host, 'webhook.site'), profile: WEBHOOK_SITE },
  { isAt: ({ host }) => isWithin(host, 'trycloudflare.com'), profile: QUICK_TUNNEL },
  { isAt: ({ host }) => isWithin(host, 'loca.lt'), profile: LOCALTUNNEL },
  { isAt: ({ host }) => NGROK_DOMAINS.some((domain) => isWithin(host, domain)), profile: NGROK },
];

import { isWithin } from './known-receiver.ts';
import type { KnownReceiver, ReceiverProfile } from './known-receiver.ts';

/** Places that run somebody's own code, and put something of theirs before it. */

export const APPS_SCRIPT = 'Google Apps Script';
export const SUPABASE = 'Supabase Edge Functions';

/** What a script hands out is served from here, once, and to GET only. */
const ECHO_HOST = 'script.googleusercontent.com';
/** `/macros/s/…/exec`, within an organisation `/a/macros/example.com/s/…/exec`, and `/dev` for its owner. */
const APPS_SCRIPT_PATH = /^(?:\/a\/[^/]+)?(?:\/a)?\/macros\//;

/** What the log and the advice say of Google Apps Script, whose every answer by the content service is a redirect. */
export const APPS_SCRIPT_WORDS =
  'Google Apps Script cannot take callbacks directly: it runs the script, then answers by a redirect that works once and ' +
  'for GET alone, so each attempt counts as failed, and the next runs the script again. Send the callback to Make, Zapier, ' +
  'n8n or Pipedream and let that call the script or write to the sheet, or let the script read GET /v1/tasks on a timer.';

const SCRIPT: ReceiverProfile = {
  name: APPS_SCRIPT,
  minIntervalMs: null,
  rateScope: 'url',
  quirk: APPS_SCRIPT_WORDS,
  oneOff: null,
  saysMore: true,
  source:
    'https://developers.google.com/apps-script/guides/content (the redirect to a one-time address), ' +
    'https://github.com/ritesh-kanwar/Cashiro/pull/75 (which takes GET only, after doPost has run), ' +
    'https://openillumi.com/gas-dopost-500-error-workaround (200 for errors too), read 2026-11-28',
};

const SUPABASE_FUNCTION: ReceiverProfile = {
  name: SUPABASE,
  minIntervalMs: null,
  rateScope: 'url',
  quirk: 'Supabase answers 401 before the function runs, unless verify_jwt is off for it.',
  oneOff: null,
  source:
    'https://supabase.com/docs/guides/troubleshooting/edge-function-401-error-response, read 2026-11-28',
};

export const OWN_CODE: readonly KnownReceiver[] = [
  {
    isAt: ({ host, path }) =>
      (host === 'script.google.com' && APPS_SCRIPT_PATH.test(path)) || host === ECHO_HOST,
    profile: SCRIPT,
  },
  {
    isAt: ({ host, path }) => isWithin(host, 'supabase.co') && path.startsWith('/functions/v1/'),
    profile: SUPABASE_FUNCTION,
  },
];

/** Whether an address is the one that Google Apps Script serves an answer from, however the script was reached. */
export function isAppsScriptEcho({ hostname }: URL): boolean {
  return hostname === ECHO_HOST;
}

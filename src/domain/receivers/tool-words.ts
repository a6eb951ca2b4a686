import { APPS_SCRIPT, APPS_SCRIPT_WORDS, SUPABASE } from './own-code.ts';
import { N8N, N8N_RESUME, N8N_TEST, PERHAPS_N8N } from './n8n.ts';

/** What a test of a callback URL can come upon: the contract's words. */
export type PreflightProblem =
  | 'forbidden_address'
  | 'redirect'
  | 'timeout'
  | 'connection'
  | 'tls'
  | 'not_found'
  | 'unauthorized'
  | 'method'
  | 'rate_limited'
  | 'server_error'
  | 'rejected';

type Words = Readonly<Partial<Record<PreflightProblem, string>>>;

const MESSAGE_FORMAT =
  'It takes chat messages in its own format only. Send the callback to an automation tool (Zapier, Make, n8n, ' +
  'Power Automate), and let that write the message.';

/** True of other software too, whose path is `/webhook/` as well. */
const PERHAPS_N8N_WORDS = {
  not_found:
    'Nothing listens at this address. In n8n, publish the workflow, and copy the Production URL of its Webhook node, ' +
    'not the Test URL.',
  method:
    'The receiver does not take POST at this address. In n8n, set HTTP Method of the node to POST, and publish the ' +
    'workflow again.',
} satisfies Words;

const N8N_WORDS = {
  ...PERHAPS_N8N_WORDS,
  unauthorized:
    'The Webhook node asks for authentication. Choose Header Auth there, and send the same header in callback_headers.',
  timeout: 'n8n took too long. Set Respond of the Webhook node to “Immediately”.',
} satisfies Words;

/** What to do in the tool itself, by the name of its profile, where that says more than the status does. */
export const TOOL_WORDS: Readonly<Record<string, Words>> = {
  Zapier: {
    not_found:
      'Zapier does not know this address. Open the Zap in the editor, and copy the webhook URL of its trigger again.',
  },
  Make: {
    not_found:
      'No scenario listens to this webhook. Turn the scenario on in Make, or press “Run once” to try it; ' +
      'if the webhook was deleted, copy the address of the new one.',
    unauthorized: 'This webhook has API keys in Make. Send one of them as x-make-apikey in callback_headers.',
    rejected:
      'Make did not take it: the queue of the webhook is full, or the data structure set in the Custom webhook module ' +
      'does not fit. Look under Webhooks in the left sidebar.',
  },
  'Power Automate or Logic Apps': {
    not_found:
      'There is no flow at this address, or it is turned off. Turn it on, and copy the URL of the trigger ' +
      '“When an HTTP request is received” again.',
    unauthorized:
      'The flow does not let strangers in. Choose “Anyone” under “Who can trigger the flow”, copy the whole URL ' +
      'with its sig, and send no Authorization header.',
    rejected:
      'The flow did not take it. Leave Authorization out of callback_headers, and check the JSON schema of the trigger.',
  },
  Slack: { rejected: MESSAGE_FORMAT },
  'Slack workflow': {
    rejected:
      'The workflow did not take it. Give its webhook the variables that it is to use, named as the fields of the callback ' +
      '(id, state, result_url), as texts; where it refuses the others, let an automation tool stand between.',
    not_found:
      'No workflow starts from this address. Publish it in Workflow Builder, and copy its web request URL again.',
  },
  Discord: { rejected: MESSAGE_FORMAT },
  'Microsoft Teams': { rejected: MESSAGE_FORMAT },
  'Google Chat': { rejected: MESSAGE_FORMAT },
  Telegram: { rejected: MESSAGE_FORMAT },
  'Feishu or Lark': { rejected: MESSAGE_FORMAT },
  DingTalk: { rejected: MESSAGE_FORMAT },
  WeCom: { rejected: MESSAGE_FORMAT },
  [APPS_SCRIPT]: {
    method: APPS_SCRIPT_WORDS,
    unauthorized: `The script does not let strangers in: deploy it with access for “Anyone”. But ${APPS_SCRIPT_WORDS}`,
  },
  [SUPABASE]: {
    unauthorized:
      'Supabase asks for a JWT before the function runs. Turn verify_jwt off for this function, and check the signature of ' +
      'the callback in it.',
  },
  ngrok: {
    not_found: 'No ngrok agent serves this address. Start it with this address, and keep it running.',
  },
  [N8N]: N8N_WORDS,
  [PERHAPS_N8N]: PERHAPS_N8N_WORDS,
  [N8N_TEST]: {
    ...N8N_WORDS,
    not_found:
      'An n8n test URL works for 120 seconds after “Listen for test event”, and for one call. Use the Production URL of ' +
      'the Webhook node, and publish the workflow.',
  },
  [N8N_RESUME]: {
    not_found:
      'n8n has no execution waiting here. Pass on {{ $execution.resumeUrl }} of a running execution, and set the ' +
      'HTTP Method of its Wait node to POST.',
    method: 'The Wait node does not take POST. Set its HTTP Method to POST.',
    unauthorized:
      'The signature in the address is missing or wrong. Pass on {{ $execution.resumeUrl }} exactly as n8n gives it.',
  },
};

import { profileOf } from './profile.ts';

/** Answers to a success that speak of a failure all the same, as the receivers that give them were seen to. */

/** Slack's words for what it did not post, and nothing else in the text. */
const SLACK_ERROR =
  /^(?:invalid_payload|invalid_token|invalid_blocks|no_text|no_service|no_service_id|no_team|no_active_hooks|team_disabled|user_not_found|channel_not_found|channel_is_archived|action_prohibited|posting_to_general_channel_denied|too_many_attachments|rollup_error|rate_limited)$/;
/** Teams, PHP and Google Apps Script, which write the reason into a page of status 200. */
const TEXTS_OF_FAILURE = [
  /^Webhook message delivery failed/i,
  /Microsoft Teams endpoint returned HTTP error/i,
  /^Webhook Bad Request/i,
  /^(?:<br ?\/?>\s*)?(?:<b>)?(?:PHP )?(?:Fatal|Parse) error\b/i,
  /Script function not found/i,
  /The script completed but did not return anything/i,
];
/** In JSON that the limit of what is read cuts off. */
const CUT_JSON = /^\{[^{}[\]]*(?:"(?:ok|success)"\s*:\s*false|"errcode"\s*:\s*-?[1-9])/;
const WORDS_OF_FAILURE: ReadonlySet<unknown> = new Set(['error', 'fail', 'failed', 'failure', 'rejected']);

/** What is said of such an answer in the attempt log, and in the advice of a test. */
export const FAILURE_WORDS =
  'It answered a success, which counts, but its words speak of a failure: see there what became of the callback, and ' +
  'redeliver it once that is mended.';

/** Whether the body of a 2xx speaks of a failure. Takes any text, and never throws; false where nothing was read. */
export function saysFailure(excerpt: string, url: string): boolean {
  const text = excerpt.trim();
  if (text === '') return false;
  const document = parsed(text);
  switch (profileOf(url)?.name ?? '') {
    case 'Microsoft Teams':
      // "The response can be considered successful only if it returns a number."
      return typeof document !== 'number';
    case 'Slack':
      return text !== 'ok';
    case 'Feishu or Lark':
      return isErrorCode(fieldOf(document, 'code')) || isErrorCode(fieldOf(document, 'StatusCode'));
    case 'Google Apps Script':
      return /<title>\s*Error\s*<\/title>/i.test(text) || speaksOfFailure(text, document);
    default:
      return speaksOfFailure(text, document);
  }
}

function speaksOfFailure(text: string, document: unknown): boolean {
  if (document === undefined)
    return (
      SLACK_ERROR.test(text) || CUT_JSON.test(text) || TEXTS_OF_FAILURE.some((words) => words.test(text))
    );
  if (typeof document === 'string') return speaksOfFailure(document, undefined);
  const field = (name: string) => fieldOf(document, name);
  return (
    field('ok') === false ||
    field('success') === false ||
    isErrorCode(field('errcode')) ||
    WORDS_OF_FAILURE.has(lowered(field('status'))) ||
    holdsSomething(field('error')) ||
    holdsSomething(field('errors'))
  );
}

/** The document, or undefined where the text is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldOf(document: unknown, name: string): unknown {
  if (typeof document !== 'object' || document === null || !Object.hasOwn(document, name)) return undefined;
  return Object.getOwnPropertyDescriptor(document, name)?.value;
}

/** DingTalk and its kin: 0 is fine, as a number or as text. */
function isErrorCode(value: unknown): boolean {
  return (
    (typeof value === 'number' || typeof value === 'string') &&
    /^-?\d+$/.test(String(value)) &&
    Number(value) !== 0
  );
}

function lowered(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/** A field that is there for errors alone, and empty where there are none. */
function holdsSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return (
    value === true ||
    (typeof value === 'string' && !['', 'none', 'null', 'ok', 'false', '0'].includes(value.toLowerCase()))
  );
}

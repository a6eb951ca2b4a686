import type { FlatBody } from '../callback-body.ts';

/** What a chat is told of an event, before it is written in the chat's own way. */
export interface Sentence {
  /** Plain text. It may hold what strangers wrote: each format makes it inert. */
  readonly text: string;
  /** The result, where there is one. */
  readonly link: string | null;
}

/** Of the prompt, and of what a peer said. In characters. */
const MAX_PROMPT = 80;
const MAX_WORDS = 300;

/** What nobody sees, or what makes the rest of a line run the other way; and white space, line breaks too. */
const BLANK = /[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** The start of a text on one line, with an ellipsis where it was cut. */
function start(text: string, most: number): string {
  const characters = Array.from(text.replaceAll(BLANK, ' ').trim());
  return characters.length > most
    ? `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
    : characters.join('');
}

/**
 * An event in one sentence: the prompt's start, the word of the state, the link or the error.
 *
 * @param prompt of the task; null where it has none, and for what is about no task.
 */
export function sentenceOf(body: FlatBody, prompt: string | null): Sentence {
  const words = (name: string): string => start(textOf(body[name]), MAX_WORDS);
  const link = typeof body['result_url'] === 'string' ? body['result_url'] : null;
  const said = start(prompt ?? '', MAX_PROMPT);
  const what = said === '' ? `A task of ${words('model')}` : `“${said}”`;
  const whose = body['client_id'] === undefined ? '' : ` (${words('client_id')})`;
  switch (body.type) {
    case 'task.running':
      return { text: `${what}${whose} is running.`, link: null };
    case 'task.succeeded':
      return { text: `${what}${whose} succeeded.`, link };
    case 'task.failed':
      return { text: `${what}${whose} failed: ${words('error_message')}`, link: null };
    case 'task.canceled':
      return { text: `${what}${whose} was canceled.`, link: null };
    case 'callback.test':
      return { text: `This is a test of Ringback: ${what} succeeded.`, link };
    case 'callback.failed':
      return {
        text: `The callback of ${what}${whose}, which ${words('state')}, was given up after ${attempts(body)}: ${lastAnswer(body)}.`,
        link,
      };
    default:
      return { text: alertSentence(body, words), link: null };
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function lastAnswer({ last_status: status }: FlatBody): string {
  return typeof status === 'number' ? `its receiver answered ${status}` : 'its receiver did not answer';
}

function alertSentence(body: FlatBody, words: (name: string) => string): string {
  const since = `since ${words('since').replace('T', ' ').replace(/\..*/, '')} UTC`;
  switch (body.type) {
    case 'receiver.failing':
      return `${words('host')} has not answered ${since}. Deliveries of ${words('client_id')} that wait for it: ${words('pending')}.`;
    case 'receiver.recovered':
      return `${words('host')} answers again; it had not ${since}. Deliveries of ${words('client_id')} that go out now: ${words('pending')}.`;
    case 'upstream.failing':
      return `Upstream has not answered properly ${since} (key ${words('account_id')}): ${words('problem')} Tasks that wait: ${words('queued')}.`;
    case 'upstream.recovered':
      return `Upstream answers properly again (key ${words('account_id')}); it had not ${since}. Tasks that wait for their turn: ${words('queued')}.`;
    case 'credits.exhausted':
      return `Upstream says that the credits are used up (key ${words('account_id')}).`;
    case 'spending.near':
      return `${words('client_id')} has used ${words('credits_today')} of its ${words('daily_credit_limit')} credits of today.`;
    default:
      return `${body.type}.`;
  }
}

function attempts({ attempts: count }: FlatBody): string {
  return count === 1 ? '1 attempt' : `${Number(count)} attempts`;
}

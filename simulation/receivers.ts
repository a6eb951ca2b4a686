import type { Draw } from './draw.ts';

export const RECEIVER_KINDS = [
  'well',
  'flaky',
  'not-listening-yet',
  'busy-yet',
  'limited',
  'answers-lost',
  'slow-body',
  'gone',
  'redirecting',
  'never-there',
  'broken',
  'broken-slowly',
  'silent',
  'resetting',
] as const;
export type ReceiverKind = (typeof RECEIVER_KINDS)[number];

/** What becomes of a callback to each kind in the end. */
export const ENDS: Record<ReceiverKind, 'delivered' | 'failed'> = {
  well: 'delivered',
  flaky: 'delivered',
  'not-listening-yet': 'delivered',
  'busy-yet': 'delivered',
  limited: 'delivered',
  'answers-lost': 'delivered',
  'slow-body': 'delivered',
  gone: 'failed',
  redirecting: 'failed',
  'never-there': 'failed',
  broken: 'failed',
  'broken-slowly': 'failed',
  silent: 'failed',
  resetting: 'failed',
};

export interface Answered {
  readonly status: number;
  readonly retryAfter?: string;
  /** Where a redirect points. */
  readonly location?: string;
  /** Its words, with their length told; else it says its status. */
  readonly words?: string;
  /** The body comes in drops and never ends. */
  readonly endless?: boolean;
  readonly afterMs?: number;
}
export type ReceiverAnswer = Answered | 'hang' | 'reset';

interface Message {
  readonly firstAt: number;
  /** Kinds that deliver in the end fail no more than this often, so that no schedule is used up by them. */
  failuresLeft: number;
}

const LOCATIONS = [
  'https://elsewhere.example.com/',
  'http://elsewhere.example.com/',
  'https://me:pw@elsewhere.example.com/',
  'https://10.0.0.1/',
  '/elsewhere/',
  'https://',
  'https://script.googleusercontent.com/macros/echo?user_content_key=x',
] as const;
const WORDS = [
  'ok',
  '{"ok":false,"error":"invalid_auth"}',
  '{"errcode":310000}',
  'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429',
] as const;

/** A receiver that listens late is there within the quick retries: they take 60 s. */
const LISTENS_AFTER_MS = 35_000;

/** All receivers: what each answers follows from its kind, and from how often it was asked. */
export class Receivers {
  private readonly messages = new Map<string, Message>();
  private readonly draw: Draw;
  private readonly failuresAtMost: number;

  /** @param failuresAtMost the delays of the retry schedule: after so many failures comes the last attempt. */
  constructor(draw: Draw, failuresAtMost: number) {
    this.draw = draw;
    this.failuresAtMost = failuresAtMost;
  }

  /** @param isLost whether the way to the receiver is to fail; it does not where that would use up the schedule. */
  answer(kind: ReceiverKind, webhookId: string, now: number): ReceiverAnswer {
    const message = this.message(webhookId, now);
    const answer = this.byKind(kind, message, now);
    if (answer === 'hang' || answer === 'reset') message.failuresLeft--;
    else if (answer.status >= 300) message.failuresLeft--;
    return answer;
  }

  /** Whether an attempt may be spoilt by the network, beside what the receiver does. */
  mayFail(kind: ReceiverKind, webhookId: string, now: number): boolean {
    if (ENDS[kind] === 'failed') return true;
    const message = this.message(webhookId, now);
    if (message.failuresLeft <= 0) return false;
    message.failuresLeft--;
    return true;
  }

  private byKind(kind: ReceiverKind, message: Message, now: number): ReceiverAnswer {
    const { draw } = this;
    const isPatient = message.failuresLeft > 0;
    const isEarly = isPatient && now - message.firstAt < LISTENS_AFTER_MS;
    switch (kind) {
      case 'well':
        return { ...this.success(), afterMs: draw.between(5, 2_000) };
      case 'flaky':
        return isPatient && draw.chance(0.7) ? this.anyFailure() : { status: 200 };
      case 'not-listening-yet':
        return isEarly ? this.quickly(message, 404) : { status: 200 };
      case 'busy-yet':
        return isEarly ? this.quickly(message, 409) : { status: 200 };
      case 'limited':
        return isPatient && draw.chance(0.7) ? this.limit(now) : { status: 200 };
      case 'answers-lost':
        return isPatient && draw.chance(0.6) ? draw.pick(['hang', 'reset']) : { status: 200 };
      case 'slow-body':
        return { status: 200, endless: true };
      case 'gone':
        return { status: 410 };
      case 'redirecting':
        return { status: draw.pick([301, 302, 303, 307, 308]), location: draw.pick(LOCATIONS) };
      case 'never-there':
        return { status: 404 };
      case 'broken':
        return { status: draw.pick([500, 502]) };
      case 'broken-slowly':
        return { status: 500, endless: true, afterMs: draw.between(0, 2_000) };
      case 'silent':
        return 'hang';
      case 'resetting':
        return 'reset';
    }
  }

  /** Answered by a quick retry, which uses up nothing of the schedule. */
  private quickly(message: Message, status: 404 | 409): Answered {
    message.failuresLeft++;
    return { status };
  }

  private anyFailure(): ReceiverAnswer {
    return this.draw.pick(['hang', 'reset', { status: 500 }, { status: 302 }, { status: 400 }]);
  }

  private limit(now: number): Answered {
    const retryAfter = this.draw.pick([
      [this.asked(now)],
      [this.asked(now), this.asked(now)],
      ['soon', this.asked(now)],
    ]);
    return { status: this.draw.pick([429, 503]), retryAfter: retryAfter.join(', ') };
  }

  private message(webhookId: string, now: number): Message {
    const known = this.messages.get(webhookId);
    if (known !== undefined) return known;
    const message = { firstAt: now, failuresLeft: this.failuresAtMost };
    this.messages.set(webhookId, message);
    return message;
  }

  /** Whole seconds, decimals or a date: one line of the header. */
  private asked(now: number): string {
    const seconds = this.draw.between(1, 90);
    return this.draw.pick([
      String(seconds),
      `${seconds}.${this.draw.between(0, 99)}`,
      new Date(now + seconds * 1_000).toUTCString(),
    ]);
  }

  /** Words of a failure in a success change nothing: the status counts. */
  private success(): Answered {
    const status = this.draw.pick([200, 201, 204]);
    return status === 204 || this.draw.chance(0.8) ? { status } : { status, words: this.draw.pick(WORDS) };
  }
}

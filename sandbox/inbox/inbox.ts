import { parseJson } from '../invalid.ts';
import { noLedger, type Ledger } from '../ledger.ts';
import type { Answer, BoxSettings, BoxView, Received } from './box.ts';
import { signatureProblem } from './verify.ts';

const MAX_BOXES = 100;
const MAX_RECEIVED = 100;
const MAX_RAW_CHARACTERS = 65_536;
const LEDGER_SETTINGS = 'settings:';
const LEDGER_RECEIVED = 'received:';
const DEFAULT_ANSWER: Answer = { status: 200, delayMs: 0, headers: {}, body: '' };

interface Box {
  settings: BoxSettings;
  received: Received[];
}

export interface InboxOptions {
  /** Epoch milliseconds. */
  now: () => number;
  ledger?: Ledger;
}

/** Keeps the last 100 callbacks of each of at most 100 boxes, and knows how to answer the next. */
export class Inbox {
  private readonly now: () => number;
  private readonly ledger: Ledger;
  private readonly boxes = new Map<string, Box>();

  constructor({ now, ledger = noLedger }: InboxOptions) {
    this.now = now;
    this.ledger = ledger;
    this.readLedger();
  }

  /** Sets the secret and the next answers; what already came stays. */
  configure(name: string, settings: BoxSettings): void {
    this.box(name).settings = settings;
    this.ledger.put(LEDGER_SETTINGS + name, settings);
  }

  /** Keeps a callback and says how to answer it. */
  receive(name: string, headers: Record<string, string>, rawBody: string): Answer {
    const box = this.box(name);
    const answer = this.nextAnswer(name, box);
    const { secret } = box.settings;
    const reason =
      secret === undefined ? 'no secret is known for this box' : signatureProblem(secret, headers, rawBody);
    const received: Received = {
      number: (box.received.at(-1)?.number ?? 0) + 1,
      at: new Date(this.now()).toISOString(),
      headers,
      raw: rawBody.slice(0, MAX_RAW_CHARACTERS),
      truncated: rawBody.length > MAX_RAW_CHARACTERS,
      body: parseJson(rawBody.slice(0, MAX_RAW_CHARACTERS)) ?? null,
      verified: secret === undefined ? null : reason === null,
      reason,
      answered: answer.status,
    };
    box.received.push(received);
    this.ledger.put(receivedKey(name, received), received);
    for (const old of box.received.splice(0, box.received.length - MAX_RECEIVED)) {
      this.ledger.delete(receivedKey(name, old));
    }
    return answer;
  }

  view(name: string): BoxView {
    const box = this.boxes.get(name);
    return {
      box: name,
      secretKnown: box?.settings.secret !== undefined,
      answersLeft: box?.settings.answers.length ?? 0,
      received: [...(box?.received ?? [])],
    };
  }

  /** All boxes, in the order in which they were first used. */
  list(): BoxView[] {
    return [...this.boxes.keys()].map((name) => this.view(name));
  }

  delete(name: string): void {
    for (const received of this.boxes.get(name)?.received ?? []) {
      this.ledger.delete(receivedKey(name, received));
    }
    this.ledger.delete(LEDGER_SETTINGS + name);
    this.boxes.delete(name);
  }

  private nextAnswer(name: string, box: Box): Answer {
    const [answer, ...answers] = box.settings.answers;
    if (answer === undefined) return DEFAULT_ANSWER;
    this.configure(name, { ...box.settings, answers });
    return answer;
  }

  private box(name: string): Box {
    const known = this.boxes.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.boxes.keys();
    if (this.boxes.size >= MAX_BOXES && oldest !== undefined) this.delete(oldest);
    const box: Box = { settings: { answers: [] }, received: [] };
    this.boxes.set(name, box);
    return box;
  }

  private readLedger(): void {
    for (const [key, settings] of this.ledger.list<BoxSettings>({ prefix: LEDGER_SETTINGS })) {
      this.box(key.slice(LEDGER_SETTINGS.length)).settings = settings;
    }
    // Keys are listed in their order, and the padded numbers keep that the order of arrival.
    for (const [key, received] of this.ledger.list<Received>({ prefix: LEDGER_RECEIVED })) {
      const name = key.slice(LEDGER_RECEIVED.length, key.lastIndexOf(':'));
      this.box(name).received.push(received);
    }
  }
}

function receivedKey(name: string, { number }: Received): string {
  return `${LEDGER_RECEIVED}${name}:${String(number).padStart(12, '0')}`;
}

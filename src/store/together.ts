/** Of what waits, so much goes in one request: D1 carries a request out in one piece, and others wait for it. */
const MAX_TOGETHER = 40;
/** Whoever goes ahead may vanish, or D1 be slow: after so long each goes alone. */
const MAX_WAIT_MS = 1_500;

/** What went with others was not answered; it may have been carried out. It is for one who tries again alone. */
export class TogetherError extends Error {
  constructor(cause: unknown) {
    super('what was asked together was not answered', { cause });
    this.name = 'TogetherError';
  }
}

type Word<Answer> = 'lead' | 'late' | { readonly answer: Answer } | { readonly error: unknown };

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly tell: (word: Word<Answer>) => void;
}

/** How requests to D1 are put together. */
export interface Joined<Item, Answer> {
  /** One request for all of them, with an answer for each, in their order. */
  readonly ask: (items: readonly Item[]) => Promise<readonly Answer[]>;
  /** Two with the same key do not go together; null: with any. */
  readonly keyOf: (item: Item) => string | null;
  /** Resolves after `ms`, or when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * Requests to D1 of several callers of an isolate as one: the first goes at once, what comes while it is under way goes together after
 * it. So nobody waits for others to come, and a burst makes few requests. Each item has to be idempotent.
 *
 * A request of the platform does no I/O for another one: whoever leads asks D1, the others wait for a word, and the next of these leads
 * from then on.
 */
export class Together<Item, Answer> {
  private readonly joined: Joined<Item, Answer>;
  private waiting: Waiting<Item, Answer>[] = [];
  private isBusy = false;

  constructor(joined: Joined<Item, Answer>) {
    this.joined = joined;
  }

  /** Rejects with `TogetherError` where the item went with others, or waited too long for them; else as `ask` does. */
  async ask(item: Item): Promise<Answer> {
    if (!this.isBusy) return await this.lead(item);
    const word = await this.wait(item);
    if (word === 'lead') return await this.lead(item);
    if (word === 'late') {
      this.isBusy = false;
      throw new TogetherError(null);
    }
    if ('error' in word) throw new TogetherError(word.error);
    return word.answer;
  }

  private async wait(item: Item): Promise<Word<Answer>> {
    const { promise, resolve: tell } = Promise.withResolvers<Word<Answer>>();
    const one = { item, tell };
    this.waiting.push(one);
    // Of one's own, for the platform ends a request that waits for nothing of its own.
    const waited = new AbortController();
    void this.joined.sleep(MAX_WAIT_MS, waited.signal).then(() => tell('late'));
    const word = await promise;
    waited.abort();
    this.waiting = this.waiting.filter((other) => other !== one);
    return word;
  }

  private async lead(item: Item): Promise<Answer> {
    this.isBusy = true;
    const others = this.takeBeside(item);
    try {
      const [own, ...answers] = await this.joined.ask([item, ...others.map((other) => other.item)]);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- there is an answer for each
      for (const [index, { tell }] of others.entries()) tell({ answer: answers[index] as Answer });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same
      return own as Answer;
    } catch (error) {
      for (const { tell } of others) tell({ error });
      throw others.length > 0 ? new TogetherError(error) : error;
    } finally {
      const next = this.waiting.shift();
      this.isBusy = next !== undefined;
      next?.tell('lead');
    }
  }

  /** Those that wait, but for such as may not go with one of these. */
  private takeBeside(item: Item): Waiting<Item, Answer>[] {
    const keys = new Set([this.joined.keyOf(item)]);
    const taken: Waiting<Item, Answer>[] = [];
    const left: Waiting<Item, Answer>[] = [];
    for (const one of this.waiting) {
      const key = this.joined.keyOf(one.item);
      const fits = taken.length < MAX_TOGETHER - 1 && (key === null || !keys.has(key));
      (fits ? taken : left).push(one);
      if (fits) keys.add(key);
    }
    this.waiting = left;
    return taken;
  }
}

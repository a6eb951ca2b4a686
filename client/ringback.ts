import { RingbackConnectionError, RingbackError } from './errors.ts';
import type { EventFilter } from './events.ts';
import type { Attempt, AttemptPage, CallbackTest, CallbackTestResult, Estimate } from './types.ts';
import type { EstimateRequestOf, ModelId, TaskRequestOf } from './models.ts';
import type { Event, Model, Redeliveries, RedeliveriesResult } from './types.ts';
import type { Subscription, SubscriptionRequest, Task } from './types.ts';

export { RingbackConnectionError, RingbackError } from './errors.ts';
export type * from './events.ts';
export type * from './models.ts';
export type * from './types.ts';
export { CallbackVerificationError, verifyCallback } from './verify-callback.ts';

export interface RingbackOptions {
  /** Ringback's address, such as `https://ringback.your-name.workers.dev`. */
  readonly url: string | URL;
  /** The client's key, `rb_…`. */
  readonly key: string;
  /** How often a request is sent again that failed for a passing reason; 3 unless given. */
  readonly retries?: number;
  /** How an attempt reaches Ringback; the platform's `fetch` unless given. */
  readonly fetch?: (url: URL, init: RequestInit) => Promise<Response>;
  /** How to wait between two attempts; a timer unless given. Rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface CallOptions {
  /** Ends the call, with the signal's own reason: `AbortSignal.timeout(600_000)`. */
  readonly signal?: AbortSignal | undefined;
}

/** A page of a list. */
interface Page<Row> {
  readonly data: readonly Row[];
  readonly next_cursor: string | null;
}

interface Ask extends CallOptions {
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Sent twice it does the same as sent once, so it may be sent again where nobody knows what became of it. */
  readonly isRepeatable: boolean;
  /** It may lead to somebody else's server: the key stays here. What it sends may take as long as it takes. */
  readonly isElsewhere?: boolean;
}

const ATTEMPT_TIMEOUT_MS = 60_000;
/** Before a request is sent again: 0.5, 1, 2 … s, or what `Retry-After` asks for, if that is no longer than this. */
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** Ringback holds an answer for so long at the most. */
const HOLD_SECONDS = 25;

/** A client of one relay. Needs nothing but `fetch` and WebCrypto: Node from 20 on, Workers, Deno, Bun. */
export class Ringback {
  private readonly options: RingbackOptions;

  constructor(options: RingbackOptions) {
    this.options = options;
  }

  /**
   * Posts a task. What is sent again after a passing failure has the same idempotency key, and costs once. The key is made
   * here; give your own (an order's number) where your program may start anew in between.
   */
  async create<const Id extends ModelId>(
    task: { readonly model: Id } & TaskRequestOf<Id>,
    { idempotencyKey = crypto.randomUUID(), signal }: CallOptions & { idempotencyKey?: string } = {},
  ): Promise<Task> {
    const headers = { 'idempotency-key': idempotencyKey };
    return await read(this.send('POST', '/v1/tasks', { signal, headers, body: task, isRepeatable: true }));
  }

  async get(id: string, { signal }: CallOptions = {}): Promise<Task> {
    return await read(this.send('GET', path(id), { signal, isRepeatable: true }));
  }

  /** The task once it has ended, however long that takes: give a signal to wait no longer. */
  async wait(id: string, { signal }: CallOptions = {}): Promise<Task> {
    const ask = { signal, headers: { prefer: `wait=${HOLD_SECONDS}` }, isRepeatable: true };
    for (;;) {
      const response = await this.send('GET', path(id, '/result'), ask);
      const task = await read<Task>(response);
      if (response.status === 200) return task;
      // Where something in between let the answer through at once, Ringback's pace is kept all the same.
      const pauseMs = Number(response.headers.get('retry-after') ?? 5) * 1000;
      if (!response.headers.has('preference-applied')) await this.sleep(pauseMs, signal);
    }
  }

  /** Tasks, the newest first, page by page as they are read. */
  async *list({ state, signal }: CallOptions & { state?: Task['state'] } = {}): AsyncGenerator<Task, void> {
    yield* this.pages<Task>('/v1/tasks', state === undefined ? {} : { state }, signal);
  }

  /** What happened, the newest first, page by page as it is read: for a receiver that was away. */
  async *events({ type, taskId, since, signal }: CallOptions & EventFilter = {}): AsyncGenerator<
    Event,
    void
  > {
    yield* this.pages<Event>(
      '/v1/events',
      {
        ...(type === undefined ? {} : { type }),
        ...(taskId === undefined ? {} : { task_id: taskId }),
        ...(since === undefined ? {} : { since: typeof since === 'string' ? since : since.toISOString() }),
      },
      signal,
    );
  }

  /** Has a standing address told of events. The same address, events, models and format again are the same subscription. */
  async subscribe(subscription: SubscriptionRequest, { signal }: CallOptions = {}): Promise<Subscription> {
    const ask = { signal, body: subscription, isRepeatable: true };
    return await read(this.send('POST', '/v1/subscriptions', ask));
  }

  /** Your subscriptions, the newest first. */
  async *subscriptions({ signal }: CallOptions = {}): AsyncGenerator<Subscription, void> {
    yield* this.pages<Subscription>('/v1/subscriptions', {}, signal);
  }

  /** Takes a stopped subscription up again, without what it missed: `events` has that. */
  async activate(id: string, { signal }: CallOptions = {}): Promise<Subscription> {
    const pathname = `/v1/subscriptions/${encodeURIComponent(id)}/activate`;
    return await read(this.send('POST', pathname, { signal, isRepeatable: true }));
  }

  /** Ends a subscription; one that is gone already is no error. */
  async unsubscribe(id: string, { signal }: CallOptions = {}): Promise<void> {
    const ask = { signal, isRepeatable: true };
    await this.send('DELETE', `/v1/subscriptions/${encodeURIComponent(id)}`, ask).catch((error: unknown) => {
      if (!(error instanceof RingbackError) || error.status !== 404) throw error;
    });
  }

  private async *pages<Row>(
    pathname: string,
    filter: Record<string, string>,
    signal?: AbortSignal,
  ): AsyncGenerator<Row, void> {
    const query = new URLSearchParams({ limit: '100', ...filter });
    for (;;) {
      const ask = { signal, isRepeatable: true };
      const { data, next_cursor } = await read<Page<Row>>(this.send('GET', `${pathname}?${query}`, ask));
      yield* data;
      if (next_cursor === null) return;
      query.set('cursor', next_cursor);
    }
  }

  /** Each callback attempt so far, the oldest first, and in words what happened. */
  async attempts(id: string, { signal }: CallOptions = {}): Promise<Attempt[]> {
    const ask = { signal, isRepeatable: true };
    const attempts: Attempt[] = [];
    for (let query = ''; ;) {
      const page = await read<AttemptPage>(this.send('GET', path(id, `/attempts${query}`), ask));
      attempts.push(...page.data);
      // A relay of before has no pages.
      if (typeof page.next_cursor !== 'string') return attempts;
      query = `?cursor=${encodeURIComponent(page.next_cursor)}`;
    }
  }

  /** Sends the callback again, with the same `webhook-id` and with links fetched anew; with a `url` there, from now on. */
  async redeliver(id: string, { url, signal }: CallOptions & { url?: string } = {}): Promise<Task> {
    const body = url === undefined ? undefined : { url };
    return await read(this.send('POST', path(id, '/redeliver'), { signal, body, isRepeatable: false }));
  }

  /** Sends all callbacks again that were given up in a span of time, 200 at the most: `next_since` says where to go on. */
  async redeliverFailed(
    span: Omit<Redeliveries, 'callback_state'>,
    { signal }: CallOptions = {},
  ): Promise<RedeliveriesResult> {
    const body: Redeliveries = { ...span, callback_state: 'failed' };
    return await read(this.send('POST', '/v1/redeliveries', { signal, body, isRepeatable: false }));
  }

  /** Sends one signed test callback now, and says what went wrong and what to change. */
  async testCallback(test: CallbackTest, { signal }: CallOptions = {}): Promise<CallbackTestResult> {
    return await read(this.send('POST', '/v1/callbacks/test', { signal, body: test, isRepeatable: false }));
  }

  /** Every model, with the JSON Schema of its input and its credits. */
  async models({ signal }: CallOptions = {}): Promise<Model[]> {
    const page = await read<{ data: Model[] }>(
      this.send('GET', '/v1/models', { signal, isRepeatable: true }),
    );
    return page.data;
  }

  /** What a task would cost, in credits; null where that is not known before its end. */
  async estimate<const Id extends ModelId>(
    task: { readonly model: Id } & EstimateRequestOf<Id>,
    { signal }: CallOptions = {},
  ): Promise<number | null> {
    const ask = { signal, body: task, isRepeatable: true };
    return (await read<Estimate>(this.send('POST', '/v1/estimates', ask))).credits;
  }

  /** Erases a task that has ended, with its callback and its log. What was erased before is erased. */
  async erase(id: string, { signal }: CallOptions = {}): Promise<void> {
    // A first try may have erased it, and its answer been lost: then there is nothing left, which is what was asked for.
    await this.send('DELETE', path(id), { signal, isRepeatable: true }).catch((error: unknown) => {
      if (!(error instanceof RingbackError) || error.status !== 404) throw error;
    });
  }

  /** Stops following a task. Upstream knows no cancel: what it has begun it ends, and charges. */
  async cancel(id: string, { signal }: CallOptions = {}): Promise<Task> {
    return await read(this.send('POST', path(id, '/cancel'), { signal, isRepeatable: false }));
  }

  /**
   * A result file of a task, as it comes: `.body` streams it, `.blob()` has it whole. `place` says which of `result_urls`, from 0.
   * Throws `RingbackError` where it is not there (any more), and `RangeError` where the task has no such link.
   */
  async download(
    { result_urls: links }: Pick<Task, 'result_urls'>,
    { place = 0, signal }: CallOptions & { place?: number } = {},
  ): Promise<Response> {
    const link = links[place];
    if (link === undefined)
      throw new RangeError(`The task has ${links.length} results, and no ${place + 1}.`);
    const ask = { signal, isRepeatable: true, isElsewhere: true };
    return await this.send('GET', link, ask);
  }

  private async send(method: string, pathname: string, ask: Ask): Promise<Response> {
    for (let left = this.options.retries ?? 3, delayMs = FIRST_DELAY_MS; ; left--, delayMs *= 2) {
      ask.signal?.throwIfAborted();
      const result = await this.attempt(method, pathname, ask).catch((error: unknown) => ({ error }));
      if (result instanceof Response) return result;
      const isOver = left <= 0 || ask.signal?.aborted === true;
      const waitMs = isOver ? null : retryDelayMs(result, delayMs, ask.isRepeatable);
      if (waitMs === null) throw 'error' in result ? result.error : result;
      await this.sleep(waitMs, ask.signal);
    }
  }

  private async attempt(method: string, pathname: string, ask: Ask): Promise<Response | RingbackError> {
    const { url, key, fetch: ownFetch = fetch } = this.options;
    const type = ask.body === undefined ? {} : { 'content-type': 'application/json' };
    const address = new URL(pathname, url);
    const own = ask.isElsewhere === true ? {} : { authorization: `Bearer ${key}`, ...type };
    const limit = ask.isElsewhere === true ? [] : [AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)];
    const response = await ownFetch(address, {
      method,
      headers: { ...own, ...ask.headers },
      body: ask.body === undefined ? null : JSON.stringify(ask.body),
      signal: AbortSignal.any([...(ask.signal === undefined ? [] : [ask.signal]), ...limit]),
    }).catch((error: unknown) => {
      throw ask.signal?.aborted === true ? error : new RingbackConnectionError(address, error);
    });
    if (response.ok) return response;
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
    return new RingbackError(response, isProblem ? await read(response) : null);
  }

  private async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await (this.options.sleep ?? pause)(ms, signal);
  }
}

/** How long to wait before a request is sent again, or null where that is no use or not safe. */
function retryDelayMs(failure: RingbackError | { error: unknown }, delayMs: number, isRepeatable: boolean) {
  if ('error' in failure) return isRepeatable ? delayMs : null;
  if (!failure.isPassing || (!isRepeatable && failure.status !== 429)) return null;
  const waitMs = Math.max(delayMs, (failure.retryAfterSeconds ?? 0) * 1000);
  return waitMs > MAX_DELAY_MS ? null : waitMs;
}

async function read<T>(response: Response | Promise<Response>): Promise<T> {
  return JSON.parse(await (await response).text());
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function path(id: string, action = ''): string {
  return `/v1/tasks/${encodeURIComponent(id)}${action}`;
}

import type { Attempt, AttemptPage, Callback, CallbackFailed, CallbackTestBody } from './types.ts';
import type { Event, Problem, Subscription, SubscriptionRequest, Task, TaskRequest } from './types.ts';

export type * from './types.ts';

/** What a callback of `/v1` says; told apart by `type`. */
export type CallbackEvent = Callback | CallbackFailed | CallbackTestBody;

/** Which events are listed. */
export interface EventFilter {
  readonly type?: Event['type'];
  readonly taskId?: string;
  /** What was recorded from then on, this instant included. */
  readonly since?: Date | string;
}

/** Of the request that brought a callback: its `headers`, of Fetch or of Node. */
export type CallbackHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface RingbackOptions {
  /** The relay's address, such as `https://ringback.your-name.workers.dev`. */
  readonly url: string | URL;
  /** The client's key, `rb_…`. */
  readonly key: string;
  /** How often a request is sent again that failed for a passing reason; 3 unless given. */
  readonly retries?: number;
  /** How an attempt reaches the relay; the platform's `fetch` unless given. */
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
/** The relay holds an answer for so long at the most. */
const HOLD_SECONDS = 25;
const HMAC = { name: 'HMAC', hash: 'SHA-256' };

/** The relay refused a request, in the words of RFC 9457; or what stands before it answered in its stead. */
export class RingbackError extends Error {
  override readonly name = 'RingbackError';
  readonly status: number;
  /** To compare with; null where it was not the relay that answered. */
  readonly type: Problem['type'] | null;
  /** Each field at fault, where the request was not valid. */
  readonly errors: NonNullable<Problem['errors']>;
  readonly retryAfterSeconds: number | null;

  constructor({ status, headers }: Response, problem: Problem | null) {
    super(problem ? `${problem.title}: ${problem.detail}` : `Status ${status}, and not from the relay`);
    this.status = status;
    this.type = problem?.type ?? null;
    this.errors = problem?.errors ?? [];
    const after = headers.get('retry-after') ?? '';
    this.retryAfterSeconds = /^\d+$/.test(after) ? Number(after) : null;
  }

  /** Whether the same request may be taken a moment later. */
  get isPassing(): boolean {
    const { status, type, retryAfterSeconds } = this;
    return status === 429 || status === 500 || retryAfterSeconds !== null || (status > 500 && type === null);
  }
}

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
  async create(
    task: TaskRequest,
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
      // Where something in between let the answer through at once, the relay's pace is kept all the same.
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

  /** Sends the callback again, with the same `webhook-id` and with links fetched anew. */
  async redeliver(id: string, { signal }: CallOptions = {}): Promise<Task> {
    return await read(this.send('POST', path(id, '/redeliver'), { signal, isRepeatable: false }));
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
    const own = ask.isElsewhere === true ? {} : { authorization: `Bearer ${key}`, ...type };
    const limit = ask.isElsewhere === true ? [] : [AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)];
    const response = await ownFetch(new URL(pathname, url), {
      method,
      headers: { ...own, ...ask.headers },
      body: ask.body === undefined ? null : JSON.stringify(ask.body),
      signal: AbortSignal.any([...(ask.signal === undefined ? [] : [ask.signal]), ...limit]),
    });
    if (response.ok) return response;
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
    return new RingbackError(response, isProblem ? await read(response) : null);
  }

  private async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await (this.options.sleep ?? pause)(ms, signal);
  }
}

/** Thrown by `verifyCallback`: do not act on this request; answer 401. */
export class CallbackVerificationError extends Error {
  override readonly name = 'CallbackVerificationError';
}

/**
 * The callback's content, if Ringback sent it (Standard Webhooks). `body` is the request's as it came, not parsed; `secret`
 * the client's `whsec_…`. Throws `CallbackVerificationError`, also where it was signed more than `toleranceSeconds` before
 * or after `now` (epoch ms). For a callback of the drop-in endpoint, name its type: `verifyCallback<RecordEnvelope>(…)`.
 */
export async function verifyCallback<Content = CallbackEvent>(
  body: string | Uint8Array,
  headers: CallbackHeaders,
  secret: string,
  { toleranceSeconds = 300, now = Date.now() }: { toleranceSeconds?: number; now?: number } = {},
): Promise<Content> {
  const [id, sentAt, signatures] = ['id', 'timestamp', 'signature'].map((name) => headerOf(headers, name));
  if (!id || !sentAt || !signatures) throw new CallbackVerificationError('A webhook-… header is missing.');
  if (!/^\d+$/.test(sentAt) || Math.abs(now / 1000 - Number(sentAt)) > toleranceSeconds)
    throw new CallbackVerificationError('It was signed too long ago, or the clock of this machine is wrong.');
  const keyBytes = secret.startsWith('whsec_') ? fromBase64(secret.slice(6)) : null;
  if (keyBytes === null) throw new TypeError('A signing secret is whsec_ and base64.');
  const key = await crypto.subtle.importKey('raw', keyBytes, HMAC, false, ['verify']);
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const signed = new TextEncoder().encode(`${id}.${sentAt}.${text}`);
  for (const signature of signatures.split(' ')) {
    const bytes = signature.startsWith('v1,') ? fromBase64(signature.slice(3)) : null;
    // WebCrypto compares in constant time.
    if (bytes !== null && (await crypto.subtle.verify(HMAC, key, bytes, signed))) return JSON.parse(text);
  }
  throw new CallbackVerificationError(
    'Not from Ringback, changed on the way, or signed with another secret.',
  );
}

/** How long to wait before a request is sent again, or null where that is no use or not safe. */
function retryDelayMs(failure: RingbackError | { error: unknown }, delayMs: number, isRepeatable: boolean) {
  if ('error' in failure) return isRepeatable ? delayMs : null;
  if (!failure.isPassing || (!isRepeatable && failure.status !== 429)) return null;
  const waitMs = Math.max(delayMs, (failure.retryAfterSeconds ?? 0) * 1000);
  return waitMs > MAX_DELAY_MS ? null : waitMs;
}

function path(id: string, action = ''): string {
  return `/v1/tasks/${encodeURIComponent(id)}${action}`;
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

function headerOf(headers: CallbackHeaders, name: string): string {
  const full = `webhook-${name}`;
  return String((headers instanceof Headers ? headers.get(full) : headers[full]) ?? '');
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

import { describe, expect, expectTypeOf, it } from 'vitest';
import { Ringback, RingbackConnectionError, RingbackError } from '../../client/ringback.ts';
import type {
  BuiltInModel,
  CallbackEvent,
  RingbackOptions,
  TaskRequest,
  TaskRequestOf,
} from '../../client/ringback.ts';
import { RELAY, startRelay } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';

/** What a task may say besides its model and input. */
type Extra = Pick<TaskRequest, 'callback_url' | 'metadata' | 'timeout_seconds'>;

function fox(extra: Extra = {}, prompt = 'a fox'): TaskRequest {
  return {
    model: 'seedance-2.0-text-to-video',
    input: { prompt, resolution: '720p', duration: 5 },
    ...extra,
  };
}

const noConnection = (): Error => new TypeError('no connection');

function limited(retryAfter: string): Response {
  return new Response('', { status: 429, headers: { 'retry-after': retryAfter } });
}

/** A client of this relay; what is slept is noted, and Ringback's clock moves by it. */
async function signedIn(relay: Relay, over: Partial<RingbackOptions> = {}) {
  const slept: number[] = [];
  const ringback = new Ringback({
    url: RELAY,
    key: (await relay.client()).key,
    fetch: async (url, init) => await relay.request(url.pathname + url.search, init),
    sleep: async (ms) => {
      slept.push(ms);
      relay.clock.advance(ms);
    },
    ...over,
  });
  return { ringback, slept };
}

/** Answers like this in Ringback's stead, one after the other, and then lets requests through. */
function standingBefore(relay: Relay, answers: (Response | Error | 'lost')[]) {
  const seen: Request[] = [];
  const fetch = async (url: URL, init: RequestInit): Promise<Response> => {
    seen.push(new Request(url, init));
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    if (answer instanceof Error) throw answer;
    const response = await relay.request(url.pathname + url.search, init);
    if (answer === undefined) return response;
    throw new TypeError('The answer was lost on its way.');
  };
  return { fetch, seen };
}

const refusal = async (call: Promise<unknown>): Promise<RingbackError> => {
  const error = await call.catch((caught: unknown) => caught);
  if (error instanceof RingbackError) return error;
  throw new Error('It was not refused.');
};

describe('the client', () => {
  it('posts a task, waits for its end, reads its attempts, and has its callback sent again', async () => {
    const relay = await startRelay({ timeScale: 0 });
    relay.receiver('hooks.example.com');
    const { ringback } = await signedIn(relay);
    const { id, state, metadata } = await ringback.create(
      fox({ callback_url: HOOK, metadata: { row: '42' } }),
    );
    expect({ state, metadata }).toEqual({ state: 'running', metadata: { row: '42' } });
    await relay.tick();
    expect(await ringback.wait(id)).toMatchObject({ id, state: 'succeeded', result_url: expect.any(String) });
    expect(await ringback.attempts(id)).toMatchObject([{ number: 1, outcome: 'delivered' }]);
    expect((await ringback.redeliver(id)).callback).toMatchObject({ state: 'pending' });
    expect(await ringback.get(id)).toMatchObject({ callback: { attempts: 1 } });
  });

  it('waits on while Ringback says that the task still runs', async () => {
    const relay = await startRelay();
    const { ringback } = await signedIn(relay);
    const { id } = await ringback.create(fox());
    const waiting = ringback.wait(id);
    await relay.tickUntil(async () => (await ringback.get(id)).state === 'succeeded');
    expect(await waiting).toMatchObject({ id, state: 'succeeded' });
  });

  it('waits no longer than its signal allows', async () => {
    const relay = await startRelay();
    const { ringback } = await signedIn(relay);
    const { id } = await ringback.create(fox({}, '[never]'));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(ringback.wait(id, { signal })).rejects.toThrow('enough');
  });

  it('cancels a task', async () => {
    const relay = await startRelay();
    const { ringback } = await signedIn(relay);
    const { id } = await ringback.create(fox({}, '[never]'));
    expect(await ringback.cancel(id)).toMatchObject({ state: 'canceled' });
    expect(await refusal(ringback.cancel(id))).toMatchObject({
      status: 409,
      type: 'urn:problem-type:ringback:already-ended',
    });
  });

  it('lists all tasks over as many pages as there are, the newest first', async () => {
    const relay = await startRelay();
    const { ringback } = await signedIn(relay);
    const ids: string[] = [];
    for (let i = 0; i < 103; i++) {
      relay.clock.advance(1);
      ids.unshift((await ringback.create(fox({}, '[never]'))).id);
    }
    const listed: string[] = [];
    for await (const { id } of ringback.list()) listed.push(id);
    expect(listed).toEqual(ids);
    await ringback.cancel(ids[0] ?? '');
    const canceled = [];
    for await (const { id } of ringback.list({ state: 'canceled' })) canceled.push(id);
    expect(canceled).toEqual([ids[0]]);
  });
});

describe('what Ringback refuses', () => {
  it('is an error with the status, the type, and each field at fault', async () => {
    const relay = await startRelay();
    const { ringback, slept } = await signedIn(relay);
    const wrong = fox({ timeout_seconds: 0 });
    expect(await refusal(ringback.create(wrong))).toMatchObject({
      name: 'RingbackError',
      message: 'The request is not valid: timeout_seconds: must be at least 1',
      status: 422,
      type: 'urn:problem-type:ringback:validation-failed',
      errors: [{ path: 'timeout_seconds', message: 'must be at least 1' }],
      isPassing: false,
    });
    expect(await refusal(ringback.get('task_0'))).toMatchObject({ status: 404 });
    expect(slept).toEqual([]);
  });

  it('is not asked again where it would be refused again, such as a key that is wrong', async () => {
    const relay = await startRelay();
    const { ringback, slept } = await signedIn(relay, { key: 'rb_wrong' });
    expect(await refusal(ringback.get('task_0'))).toMatchObject({ status: 401, isPassing: false });
    expect(slept).toEqual([]);
  });
});

describe('what fails for a passing reason', () => {
  it('is sent again with the same idempotency key, so that a lost answer costs nothing', async () => {
    const relay = await startRelay();
    const { fetch, seen } = standingBefore(relay, [
      'lost',
      noConnection(),
      new Response('bad gateway', { status: 502 }),
    ]);
    const { ringback, slept } = await signedIn(relay, { fetch });
    const { id } = await ringback.create(fox({}, '[never]'));
    expect(slept).toEqual([500, 1000, 2000]);
    expect(new Set(seen.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
    const listed = [];
    for await (const task of ringback.list()) listed.push(task.id);
    expect(listed).toEqual([id]);
    expect(relay.simulator.snapshot().tasks).toHaveLength(1);
  });

  it('is sent again after Retry-After, unless that is long', async () => {
    const relay = await startRelay();
    const { fetch } = standingBefore(relay, [limited('7'), limited('3600')]);
    const { ringback, slept } = await signedIn(relay, { fetch });
    expect(await refusal(ringback.get('task_0'))).toMatchObject({ status: 429, retryAfterSeconds: 3600 });
    expect(slept).toEqual([7000]);
  });

  it('is given up after the retries, with the last failure', async () => {
    const relay = await startRelay();
    const { fetch, seen } = standingBefore(relay, [noConnection(), noConnection(), noConnection()]);
    const { ringback } = await signedIn(relay, { fetch, retries: 2 });
    await expect(ringback.get('task_0')).rejects.toThrow('no connection');
    expect(seen).toHaveLength(3);
  });

  it('is not sent again where twice is not the same as once', async () => {
    const relay = await startRelay();
    const { fetch, seen } = standingBefore(relay, [noConnection()]);
    const { ringback } = await signedIn(relay, { fetch });
    await expect(ringback.redeliver('task_0')).rejects.toThrow('no connection');
    expect(seen).toHaveLength(1);
  });
});

/** A task that has succeeded with a file that is kept, and what its client has sent. */
const ended = async (prompt: string) => {
  const relay = await startRelay({ timeScale: 0.05, keepsResults: true });
  const seen: Request[] = [];
  const { ringback } = await signedIn(relay, {
    fetch: async (url, init) => {
      seen.push(new Request(url, init));
      return await relay.request(url.pathname + url.search, init);
    },
  });
  const { id } = await ringback.create(fox({}, prompt));
  await relay.tickUntil(async () => (await ringback.get(id)).state === 'succeeded');
  return { ringback, task: await ringback.get(id), seen };
};

describe('a result file', () => {
  it('is fetched as it comes, and the key is not sent along', async () => {
    const { ringback, task, seen } = await ended('a fox [results:2] [size:3000]');
    const first = await ringback.download(task);
    const second = await ringback.download(task, { place: 1 });
    expect([(await first.bytes()).length, (await second.bytes()).length]).toEqual([3_000, 3_000]);
    expect(first.headers.get('content-type')).toBe('video/mp4');
    expect(seen.slice(-2).map(({ url }) => url)).toEqual(task.result_urls);
    expect(seen.slice(-2).map(({ headers }) => headers.get('authorization'))).toEqual([null, null]);
  });

  it('is an error where it is not there', async () => {
    const { ringback, task } = await ended('a fox [size:10]');
    await expect(ringback.download(task, { place: 1 })).rejects.toThrow('1 results, and no 2');
    const gone = { result_urls: [`${task.result_urls[0]}x`] };
    expect((await refusal(ringback.download(gone))).status).toBe(404);
  });
});

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

describe('a program that wants to hear of everything', () => {
  it('subscribes, reads what happened page by page, and ends the subscription twice without harm', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { ringback } = await signedIn(relay);
    const made = await ringback.subscribe({ url: HOOK, events: ['task.running', 'task.succeeded'] });
    expect(await all(ringback.subscriptions())).toEqual([made]);
    expect(await ringback.activate(made.id)).toMatchObject({ state: 'active' });
    const since = new Date(relay.clock.now());
    const ids = [(await ringback.create(fox())).id, (await ringback.create(fox({}, '[fail]'))).id];
    await relay.tick();
    const events = await all(ringback.events({ since }));
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(ids));
    expect(events).toHaveLength(4);
    const [failed] = await all(ringback.events({ type: 'task.failed', taskId: ids[1] ?? '' }));
    expect(failed).toMatchObject({ type: 'task.failed', id: ids[1] });
    await ringback.unsubscribe(made.id);
    await ringback.unsubscribe(made.id);
    expect(await all(ringback.subscriptions())).toEqual([]);
  });
});

describe('what else can be asked for', () => {
  it('the models, and what a task would cost', async () => {
    const { ringback } = await signedIn(await startRelay());
    const models = await ringback.models();
    expect(models.map(({ id }) => id)).toContain('seedance-2.0-text-to-video');
    const input = { prompt: 'a fox', resolution: '720p', duration: 5 } as const;
    expect(await ringback.estimate({ model: 'seedance-2.0-text-to-video', input })).toBe(200);
  });

  it('a test of a hook, and the callback again, at another address', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const gone = relay.receiver('hooks.example.com', [{ status: 410 }]);
    const other = relay.receiver('other.example.com');
    const { ringback } = await signedIn(relay);
    expect(await ringback.testCallback({ url: 'https://other.example.com/' })).toMatchObject({ ok: true });
    const { id } = await ringback.create(fox({ callback_url: HOOK }));
    await relay.tick();
    expect(await ringback.redeliverFailed({ since: '2026-11-22T00:00:00Z' })).toEqual({
      redelivered: 1,
      next_since: null,
    });
    await relay.tick();
    await ringback.redeliver(id, { url: 'https://other.example.com/' });
    await relay.tick();
    expect([gone.received.length, other.received.length]).toEqual([2, 2]);
  });

  it('to erase a task, also where the first answer was lost', async () => {
    const relay = await startRelay({ timeScale: 0 });
    const { fetch } = standingBefore(relay, []);
    const lossy: (Response | Error | 'lost')[] = [];
    const { ringback } = await signedIn(relay, {
      fetch: async (url, init) => {
        if (lossy.shift() !== 'lost') return await fetch(url, init);
        await fetch(url, init);
        throw new TypeError('The answer was lost on its way.');
      },
    });
    const { id } = await ringback.create(fox());
    await relay.tick();
    lossy.push('lost');
    await ringback.erase(id);
    await expect(ringback.get(id)).rejects.toMatchObject({ status: 404 });
  });

  it('and a connection that fails says to where, and why', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { ringback } = await signedIn(await startRelay(), {
      url: 'http://127.0.0.1:9',
      retries: 0,
      fetch: async () => await Promise.reject(new TypeError('fetch failed', { cause })),
    });
    const error = await ringback.get('task_0').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RingbackConnectionError);
    expect(error).toMatchObject({
      message: expect.stringContaining('No answer from http://127.0.0.1:9 (ECONNREFUSED)'),
      cause: expect.any(TypeError),
    });
  });

  it('an event is known by its type: a success has a link, a failure has an error', () => {
    type Of<Type> = Extract<CallbackEvent, { type: Type }>;
    expectTypeOf<Of<'task.succeeded'>['result_url']>().toEqualTypeOf<string>();
    expectTypeOf<Of<'task.failed'>['error_message']>().toEqualTypeOf<string>();
    expectTypeOf<Of<'task.canceled'>['result_url']>().toEqualTypeOf<null>();
  });
});

/** What an operator adds. */
const NOVA = {
  title: 'Nova 1',
  media: 'video',
  input_schema: {
    type: 'object',
    properties: { prompt: { type: 'string' }, seed: { type: 'integer' } },
    required: ['prompt'],
  },
  credits: { flat: 5 },
} as const;

describe('a model of the operator', () => {
  it('is posted and estimated without a cast, and its input is told back', async () => {
    const relay = await startRelay();
    await relay.admin().put('/admin/models/nova-1', NOVA);
    const { ringback } = await signedIn(relay);
    expect(await ringback.estimate({ model: 'nova-1', input: { prompt: 'a fox' } })).toBe(5);
    const task = await ringback.create({
      model: 'nova-1',
      input: { prompt: 'a fox', seed: 7 },
      metadata: { row: '42' },
    });
    expect(task).toMatchObject({
      model: 'nova-1',
      input: { prompt: 'a fox', seed: 7 },
      estimated_credits: 5,
    });
  });

  it('can be chosen while the program runs, by an id that is any text', async () => {
    const relay = await startRelay();
    await relay.admin().put('/admin/models/nova-1', NOVA);
    const { ringback } = await signedIn(relay);
    const id = (await ringback.models()).find(({ title }) => title === 'Nova 1')?.id ?? '';
    expect(await ringback.create({ model: id, input: { prompt: 'a fox' } })).toMatchObject({
      model: 'nova-1',
    });
  });

  it('takes nothing from the types of those that come with Ringback', () => {
    type Fox = TaskRequestOf<'seedance-2.0-text-to-video'>;
    expectTypeOf<Fox['input']['resolution']>().toEqualTypeOf<'480p' | '720p' | '1080p' | null | undefined>();
    expectTypeOf<Fox['input']>().not.toHaveProperty('seed');
    expectTypeOf<TaskRequestOf<'nova-1'>['input']>().toEqualTypeOf<Readonly<Record<string, unknown>>>();
    expectTypeOf<TaskRequestOf<BuiltInModel>>().toEqualTypeOf<TaskRequest>();
  });

  it('of those, takes only what they know: the compiler and Ringback refuse the rest', async () => {
    const relay = await startRelay();
    await relay.admin().put('/admin/models/nova-1', NOVA);
    const { ringback } = await signedIn(relay);
    const input = { prompt: 'a fox', resolution: '720p', duration: 5 } as const;
    const misspelt = ringback.create({
      model: 'seedance-2.0-text-to-video',
      // @ts-expect-error -- there is no such field
      input: { ...input, sed: 7 },
    });
    expect(await refusal(misspelt)).toMatchObject({ status: 422, errors: [{ path: 'input.sed' }] });
    // @ts-expect-error -- there is no such field beside the input, of any model
    const elsewhere = ringback.create({ model: 'nova-1', input: { prompt: 'a fox' }, callback: HOOK });
    expect(await refusal(elsewhere)).toMatchObject({ status: 422, errors: [{ path: 'callback' }] });
  });
});

import { describe, expect, it } from 'vitest';
import { createCallbackSender } from '../../src/delivery/sender.ts';
import { readAtMost } from '../../src/fetching/body.ts';
import { createUpstream } from '../../src/upstream/client.ts';
import { FakeClock } from '../support/fake-clock.ts';

const REQUEST = {
  url: 'https://hooks.example.com/1',
  headers: {},
  body: '{}',
  ownHosts: ['relay.example.com'],
};

function clockAt0() {
  return new FakeClock(0, () => false);
}

function sender(clock: FakeClock, answer: (signal: AbortSignal) => Response | Promise<Response>) {
  return createCallbackSender({
    clock,
    timeoutMs: 15_000,
    allowPrivate: false,
    checkName: null,
    fetch: async (_input, init) => await answer(init?.signal ?? new AbortController().signal),
  });
}

/** A body that begins and never ends, and tells when it was canceled. */
function endlessBody(chunk: string) {
  const state = { canceled: false, sent: 0 };
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (state.sent === 0 || chunk.length > 1) controller.enqueue(new TextEncoder().encode(chunk));
      state.sent++;
      return chunk.length > 1 ? undefined : new Promise(() => undefined);
    },
    cancel: () => {
      state.canceled = true;
    },
  });
  return { body, state };
}

describe('a callback attempt', () => {
  it('keeps the first 1 KiB of an endless answer and cancels the rest', async () => {
    const { body, state } = endlessBody('x'.repeat(700));
    const answer = await sender(clockAt0(), () => new Response(body, { status: 500 }))(REQUEST);
    expect(answer).toMatchObject({ kind: 'response', status: 500, excerpt: 'x'.repeat(1_024) });
    expect(state.canceled).toBe(true);
  });

  it('is delivered where the receiver says 200 and then goes on for ever', async () => {
    const clock = clockAt0();
    const { body, state } = endlessBody('y');
    const answer = await sender(clock, () => new Response(body, { status: 200 }))(REQUEST);
    expect(answer).toMatchObject({ kind: 'response', status: 200, excerpt: '' });
    expect(state.canceled).toBe(true);
    expect(clock.now()).toBeLessThan(15_000);
  });

  it('is aborted where no answer comes in time', async () => {
    let aborted = false;
    const send = sender(clockAt0(), async (signal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return await new Promise<Response>(() => undefined);
    });
    expect(await send(REQUEST)).toEqual({ kind: 'timeout', afterMs: 15_000, lookUps: 0 });
    expect(aborted).toBe(true);
  });

  it.each([
    ['TLS peer certificate is not trusted', 'tls'],
    ['Network connection lost.', 'connection'],
  ])('that breaks with %j is told as %s', async (message, kind) => {
    const send = sender(clockAt0(), () => {
      throw new TypeError(message);
    });
    expect(await send(REQUEST)).toMatchObject({ kind });
  });

  it('is not made to Ringback itself', async () => {
    const send = sender(clockAt0(), () => {
      throw new Error('must not be called');
    });
    expect(await send({ ...REQUEST, url: 'https://relay.example.com/v1/tasks' })).toMatchObject({
      kind: 'forbidden',
    });
  });

  it('is not made to an address that the policy forbids', async () => {
    const send = sender(clockAt0(), () => {
      throw new Error('must not be called');
    });
    expect(await send({ ...REQUEST, url: 'https://169.254.169.254/' })).toMatchObject({ kind: 'forbidden' });
  });
});

describe('a call to upstream', () => {
  const call = { apiKey: 'sk-1', requestId: 'task_1', model: 'm', input: {} };

  it('that hangs is over after 10 s, and nobody knows whether the task was made', async () => {
    const clock = clockAt0();
    const upstream = createUpstream({
      baseUrl: 'https://up.test',
      clock,
      fetch: () => new Promise(() => undefined),
    });
    expect(await upstream.create(call)).toEqual({
      kind: 'unavailable',
      message: 'upstream did not answer within 10 s',
    });
    expect(clock.now()).toBe(10_000);
  });

  it('whose body never ends is over after 10 s too', async () => {
    const clock = clockAt0();
    const { body } = endlessBody('y');
    const upstream = createUpstream({
      baseUrl: 'https://up.test',
      clock,
      fetch: async () => new Response(body),
    });
    expect(await upstream.record('sk-1', 'task_1')).toMatchObject({ kind: 'unavailable' });
    expect(clock.now()).toBe(10_000);
  });

  it('is read whole, however it is cut into pieces', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ code: 404, msg: '🦊 no such task' }));
    for (let size = 1; size <= bytes.length; size++) {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const { text, truncated } = await readAtMost(body, 1_000);
      expect([text, truncated]).toEqual([new TextDecoder().decode(bytes), false]);
    }
  });

  it('never takes more than two megabytes of an answer', async () => {
    const { body, state } = endlessBody('z'.repeat(100_000));
    const upstream = createUpstream({
      baseUrl: 'https://up.test',
      clock: clockAt0(),
      fetch: async () => new Response(body),
    });
    expect(await upstream.record('sk-1', 'task_1')).toMatchObject({ kind: 'unavailable' });
    expect(state.canceled).toBe(true);
    expect(state.sent).toBeLessThan(30);
  });

  it('follows no redirect, and sends the key and the request id', async () => {
    const requests: Request[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      requests.push(new Request(input, init));
      return new Response(null, { status: 302, headers: { location: 'https://elsewhere.test/' } });
    };
    const upstream = createUpstream({ baseUrl: 'https://up.test/base', clock: clockAt0(), fetch });
    expect(await upstream.create(call)).toMatchObject({ kind: 'unavailable' });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.url).toBe('https://up.test/base/api/v1/jobs/createTask');
    expect(requests[0]?.redirect).toBe('manual');
    expect(requests[0]?.headers.get('authorization')).toBe('Bearer sk-1');
    expect(requests[0]?.headers.get('x-request-id')).toBe('task_1');
  });
});

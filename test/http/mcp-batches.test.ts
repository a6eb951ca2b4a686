import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';

const LISTS = 12;

/** As large as an input can be. */
function largeTask() {
  const urls = Array.from({ length: 20 }, (_, i) => `https://files.example.com/${i}/`.padEnd(2_048, 'x'));
  const input = {
    prompt: 'fox '.padEnd(20_000, '🦊'),
    reference_image_urls: urls,
    reference_video_urls: urls,
  };
  return { model: video().model, input };
}

const call = (id: number, name: string, args: Record<string, unknown> = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

/** A client with more than a page of large tasks, and a way to send messages to `/mcp` and read the answer's size. */
async function start() {
  const relay = await startRelay();
  const { key } = await relay.client();
  const me = relay.as(key);
  for (let i = 0; i < 12; i++) await me.post('/v1/tasks', largeTask());
  const send = async (message: unknown) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await relay.request('/mcp', { method: 'POST', headers, body: JSON.stringify(message) });
    const text = await answer.text();
    // oxlint-disable-next-line typescript/no-explicit-any -- read by tests
    const told: any = JSON.parse(text);
    return { told, size: text.length };
  };
  return { relay, me, send };
}

describe('a batch of calls that read much', () => {
  it('is answered with what has room in one answer; the rest are told to be sent by themselves', async () => {
    const { send } = await start();
    const alone = await send(call(1, 'list_tasks', { limit: 100 }));
    expect(alone.told.result.structuredContent.data.length).toBeGreaterThan(1);
    const batch = Array.from({ length: LISTS }, (_, id) => call(id, 'list_tasks', { limit: 100 }));
    const { told, size } = await send(batch);
    expect(told).toHaveLength(LISTS);
    const words = told
      .filter(({ result }: { result: { isError?: boolean } }) => result.isError)
      .map(({ result }: { result: { content: { text: string }[] } }) => result.content[0]?.text);
    expect(words.length).toBeGreaterThan(LISTS / 2);
    expect(new Set(words)).toEqual(new Set([expect.stringContaining('in a request of its own')]));
    expect(size).toBeLessThan(5 * alone.size);
  });

  it('is told of each task that it made, however much was read beside', async () => {
    const { me, send } = await start();
    const lists = Array.from({ length: LISTS }, (_, id) => call(id, 'list_tasks', { limit: 100 }));
    const { told } = await send([...lists, call(99, 'create_task', { ...video('a fox') })]);
    const made = told.find(({ id }: { id: number }) => id === 99).result.structuredContent;
    expect((await me.get(`/v1/tasks/${made.id}`)).status).toBe(200);
  });
});

describe('a batch of more calls than one invocation may make requests for', () => {
  it('is refused as a whole, and no task of it is made', async () => {
    const { relay, send } = await start();
    const before = relay.simulator.snapshot().calls.createTask;
    const batch = Array.from({ length: 21 }, (_, id) => call(id, 'create_task', { ...video('a fox') }));
    const { told } = await send(batch);
    expect(told.error.message).toContain('at most 20');
    expect(relay.simulator.snapshot().calls.createTask).toEqual(before);
  });
});

describe('an argument that no path and no header can have', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['the list of tasks as an id', 'get_task', { id: '.' }],
    ['a way up as an id', 'cancel_task', { id: '..' }],
    ['half a character as an id', 'get_task', { id: '\uD800' }],
    ['a line break in a key', 'create_task', { ...video('a fox'), idempotency_key: 'a\r\nb' }],
  ])('is a tool error in words: %s', async (_, name, args) => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const answer = await relay.request('/mcp', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(call(1, name, args)),
    });
    expect(await answer.json()).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringMatching(/^(id|idempotency_key): \w/) }] },
    });
    expect(relay.simulator.snapshot().calls.createTask).toEqual({});
  });
});

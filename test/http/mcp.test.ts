import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/cfworker';
import { afterEach, describe, expect, it } from 'vitest';
import { RELAY, startRelay, video } from '../support/relay.ts';

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const FOX = { prompt: 'a fox', resolution: '720p', duration: 5 };
const MODEL = 'seedance-2.0-text-to-video';

const open: Client[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
});

/** A relay, and an agent that is connected to it by the protocol's own client, which checks each answer by its schema. */
async function start(client: Record<string, unknown> = {}) {
  const relay = await startRelay({ timeScale: 0 });
  const { key } = await relay.client(client);
  const agent = new Client(
    { name: 'agent', version: '1' },
    { jsonSchemaValidator: new CfWorkerJsonSchemaValidator() },
  );
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', RELAY), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
    fetch: async (url, init) => await relay.request(new URL(url).pathname, init),
  });
  await agent.connect(transport);
  open.push(agent);
  await agent.listTools();
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const { isError = false, structuredContent, content } = await agent.callTool({ name, arguments: args });
    // oxlint-disable-next-line typescript/no-explicit-any, typescript/no-unsafe-type-assertion -- read by tests
    return { isError, told: structuredContent as any, words: JSON.stringify(content) };
  };
  return { relay, key, me: relay.as(key), agent, call };
}

/** A message as a program without the SDK sends it. */
async function post(body: unknown, headers: Record<string, string | null> = {}) {
  const relay = await startRelay();
  const { key } = await relay.client();
  const all = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers };
  const given = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  const init = {
    method: 'POST',
    headers: new Headers(given),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
  const answer = await relay.request('/mcp', init);
  // oxlint-disable-next-line typescript/no-explicit-any -- read by tests
  const told: any = await answer.json();
  return { status: answer.status, headers: answer.headers, body: told };
}

const rpcError = {
  jsonrpc: '2.0',
  id: null,
  error: { code: expect.any(Number), message: expect.stringMatching(/\w/) },
};

describe('an agent', () => {
  it('sees six tools, each with its schemas, and is told which of them spend or stop something', async () => {
    const { agent } = await start();
    const { tools } = await agent.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'list_models',
      'estimate_cost',
      'create_task',
      'get_task',
      'list_tasks',
      'cancel_task',
    ]);
    for (const tool of tools) {
      expect(tool.outputSchema).toMatchObject({ type: 'object', properties: expect.any(Object) });
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      for (const field of Object.values(tool.inputSchema.properties ?? {}))
        expect(field).toHaveProperty('description', expect.stringMatching(/\w/));
    }
    const asks = tools.filter(({ annotations }) => annotations?.destructiveHint).map(({ name }) => name);
    expect(asks).toEqual(['create_task', 'cancel_task']);
    expect(tools.filter(({ annotations }) => !annotations?.readOnlyHint).map(({ name }) => name)).toEqual(
      asks,
    );
    expect(tools.find(({ name }) => name === 'create_task')?.description).toMatch(/SPENDS CREDITS/);
  });

  it('reads the models, estimates, makes a video, waits for it, and finds it in the list', async () => {
    const { relay, me, call } = await start();
    const { body: models } = await me.get('/v1/models');
    expect((await call('list_models')).told).toEqual(models);
    expect((await call('estimate_cost', { model: MODEL, input: FOX })).told).toEqual({ credits: 200 });
    const { told: created } = await call('create_task', { model: MODEL, input: FOX, metadata: { row: '7' } });
    expect(created).toMatchObject({ state: 'running', metadata: { row: '7' }, estimated_credits: 200 });
    const waiting = call('get_task', { id: created.id, wait_seconds: 25 });
    await relay.tick();
    const ended = (await waiting).told;
    expect(ended).toMatchObject({ state: 'succeeded', result_url: expect.stringMatching(/^https:/) });
    expect((await call('get_task', { id: created.id })).told).toEqual(
      (await me.get(`/v1/tasks/${created.id}`)).body,
    );
    expect((await call('list_tasks', { state: 'succeeded', limit: 1, cursor: null })).told).toEqual(
      (await me.get('/v1/tasks?state=succeeded&limit=1')).body,
    );
  });

  it("makes what an operator's model makes, and may say that the result need not be kept", async () => {
    const { relay, me, call } = await start();
    const own = { model: 'nova-1', input: { prompt: 'a fox', seed: 2 } };
    const refused = await call('create_task', own);
    expect([refused.isError, refused.words]).toEqual([
      true,
      expect.stringContaining('must be one of: seedance'),
    ]);
    const properties = { prompt: { type: 'string' }, seed: { type: 'integer' } };
    await relay.admin().put('/admin/models/nova-1', {
      title: 'Nova 1',
      media: 'video',
      input_schema: { properties, required: ['prompt'] },
      credits: { flat: 5 },
    });
    expect((await call('list_models')).told.data).toContainEqual(
      expect.objectContaining({ id: 'nova-1', credits: { per: 'task', flat: 5 } }),
    );
    expect((await call('estimate_cost', own)).told).toEqual({ credits: 5 });
    const { told } = await call('create_task', { ...own, keep_result: false });
    expect(told).toMatchObject({ model: 'nova-1', estimated_credits: 5 });
    expect((await call('create_task', { ...own, keep_result: 'no' })).words).toContain(
      'keep_result: must be true or false',
    );
    await relay.tick();
    expect((await me.get(`/v1/tasks/${told.id}`)).body.state).toBe('succeeded');
  });

  it('gets the first task again by its idempotency key, and pays once', async () => {
    const { me, call } = await start();
    const args = { model: MODEL, input: FOX, idempotency_key: 'row 7' };
    const first = (await call('create_task', args)).told;
    expect((await call('create_task', args)).told.id).toBe(first.id);
    expect((await me.get('/v1/client')).body.credits_today).toBe(200);
    expect((await call('create_task', { ...args, input: { ...FOX, duration: 6 } })).words).toMatch(
      /another body/,
    );
  });

  it('cancels, and is told when there is nothing left to cancel', async () => {
    const { call } = await start();
    const { told } = await call('create_task', { model: MODEL, input: { ...FOX, prompt: '[never]' } });
    expect((await call('cancel_task', { id: told.id })).told).toMatchObject({ state: 'canceled' });
    expect(await call('cancel_task', { id: told.id })).toMatchObject({
      isError: true,
      words: expect.stringContaining('ended'),
    });
  });

  it('is held to the daily limit of its client, and told so in words', async () => {
    const { me, call } = await start({ daily_credit_limit: 300 });
    expect((await call('create_task', { model: MODEL, input: FOX })).isError).toBe(false);
    const refused = await call('create_task', { model: MODEL, input: FOX });
    expect(refused).toMatchObject({ isError: true, told: undefined });
    expect(refused.words).toContain('may spend 300 credits a day, and 100 are left');
    expect((await me.get('/v1/tasks')).body.data).toHaveLength(1);
  });

  it("does not see another client's task", async () => {
    const { relay, call } = await start();
    const other = relay.as((await relay.client()).key);
    const { id } = (await other.post('/v1/tasks', video())).body;
    for (const tool of ['get_task', 'cancel_task'])
      expect(await call(tool, { id })).toMatchObject({
        isError: true,
        words: expect.stringContaining('no task'),
      });
    expect((await call('list_tasks')).told.data).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['create_task', { model: MODEL, input: { ...FOX, durations: 5 } }, 'input.durations: is not a field'],
    ['create_task', { model: MODEL, input: FOX, callback: 'x' }, 'callback: is not a field'],
    ['create_task', { model: MODEL, input: FOX, callback_url: 'https://127.0.0.1/' }, 'callback_url'],
    ['create_task', { model: 'sora', input: FOX }, 'model: must be one of'],
    ['create_task', { input: FOX }, 'model: is required'],
    ['create_task', { model: MODEL, input: FOX, timeout_seconds: 0 }, 'timeout_seconds: must be at least 1'],
    ['estimate_cost', { model: MODEL, input: { ...FOX, duration: 2 ** 60 } }, 'beyond ±9007199254740991'],
    ['get_task', { id: 'task_0', wait_seconds: 26 }, 'wait_seconds: must be a whole number from 0 to 25'],
    ['get_task', { id: 'task_0', wait_seconds: 0.5 }, 'wait_seconds: must be a whole number from 0 to 25'],
    ['get_task', {}, 'id: is required'],
    ['get_task', { id: '../client' }, 'There is no task'],
    ['list_tasks', { state: 'done' }, 'state: must be one of queued, running'],
    ['list_tasks', { limit: 101 }, 'limit: must be a whole number from 1 to 100'],
    ['list_models', { page: 2 }, 'page: is not a field'],
  ])('of %s with %j hears which argument is wrong', async (tool, args, words) => {
    const { me, call } = await start();
    expect(await call(tool, args)).toMatchObject({ isError: true, words: expect.stringContaining(words) });
    expect((await me.get('/v1/client')).body.credits_today).toBe(0);
  });

  it('that calls a tool that is not there gets an error of the protocol', async () => {
    const { agent } = await start();
    await expect(agent.callTool({ name: 'toString' })).rejects.toThrow(/no tool/);
  });
});

describe('/mcp', () => {
  it.each(['GET', 'DELETE', 'PUT'])('takes no %s', async (method) => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const answer = await relay.request('/mcp', { method, headers: { authorization: `Bearer ${key}` } });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await answer.json()).toMatchObject(rpcError);
  });

  it.each([null, 'Bearer rb_nobody', 'Basic x'])('asks for a key, given %s', async (authorization) => {
    const { status, headers, body } = await post(LIST, { authorization });
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(body).toMatchObject(rpcError);
  });

  it.each<[number, string, unknown, Record<string, string>]>([
    [403, 'a page of another origin', LIST, { origin: 'https://evil.example' }],
    [403, 'a page without an origin', LIST, { origin: 'null' }],
    [400, 'what is no JSON', '{"jsonrpc":', {}],
    [400, 'a number', '7', {}],
    [400, 'null', 'null', {}],
    [400, 'what is no JSON-RPC', { method: 'tools/list' }, {}],
    [400, 'an empty batch', [], {}],
    [400, 'a batch with something else in it', [LIST, 7], {}],
    [400, 'a version that is not spoken here', LIST, { 'mcp-protocol-version': '1999-01-01' }],
    [413, 'a body that is too large', { ...LIST, params: { x: 'x'.repeat(300_000) } }, {}],
    [415, 'a body that is no JSON by its type', LIST, { 'content-type': 'text/plain' }],
    [415, 'a body that is compressed', LIST, { 'content-encoding': 'gzip' }],
  ])('answers %i to %s', async (status, _what, body, headers) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject(rpcError);
  });

  it.each([{}, { origin: RELAY }, { accept: 'application/json' }, { 'mcp-protocol-version': '2025-06-18' }])(
    'answers a program that sends %j beside its key',
    async (headers) => {
      const answer = await post(LIST, headers);
      expect([answer.status, answer.body.result.tools.length]).toEqual([200, 6]);
      expect(answer.headers.get('mcp-session-id')).toBeNull();
    },
  );

  it('answers each message of a batch, and a notification with 202', async () => {
    const { body } = await post([LIST, { ...LIST, id: 2, method: 'ping' }]);
    expect(body.map(({ id }: { id: number }) => id)).toEqual([1, 2]);
    const relay = await startRelay();
    const headers = {
      authorization: `Bearer ${(await relay.client()).key}`,
      'content-type': 'application/json',
    };
    const note = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect((await relay.request('/mcp', { method: 'POST', headers, body: note })).status).toBe(202);
  });
});

import { describe, expect, it } from 'vitest';
import { PowerPlatform } from '../../support/power-platform.ts';
import type { Connector, Schema } from '../../support/power-platform.ts';
import { RELAY, startRelay } from '../../support/relay.ts';

const HOST = 'prod-7.westeurope.logic.azure.com';
const DOCUMENT = '/connectors/power-automate.json';
const FOX = {
  model: 'seedance-2.0-text-to-video',
  input: { prompt: 'a fox', resolution: '720p', duration: 5 },
};

async function start() {
  const relay = await startRelay({ timeScale: 0 });
  const receiver = relay.receiver(HOST, [{ status: 202 }]);
  const { key } = await relay.client();
  const connector: Connector = await (await relay.request(DOCUMENT)).json();
  const network = async (url: string, init: RequestInit) => {
    const { origin, pathname, search } = new URL(url);
    expect(origin).toBe(RELAY);
    return await relay.request(pathname + search, init);
  };
  const home = { receiver, url: `https://${HOST}/workflows` };
  const platform = new PowerPlatform(connector, `Bearer ${key}`, network, home);
  return { relay, receiver, connector, platform, me: relay.as(key) };
}

describe('a flow', () => {
  it('offers its actions and its trigger, and what it calls by itself to nobody', async () => {
    const { platform } = await start();
    expect(platform.palette()).toEqual([
      'CreateTask',
      'GetTask',
      'CancelTask',
      'CreateTaskAndWait',
      'WhenTaskEnds',
    ]);
  });

  it('lets a person choose a model by its title', async () => {
    const { platform, me } = await start();
    const { data } = (await me.get('/v1/models')).body;
    const choices = data.map(({ id, title }: { id: string; title: string }) => ({ value: id, title }));
    expect(await platform.choices('CreateTask', 'model')).toEqual(choices);
    expect(await platform.choices('CreateTaskAndWait', 'model')).toEqual(choices);
  });

  it('creates a task and goes on at once: nothing is polled', async () => {
    const { platform } = await start();
    const { status, body } = await platform.act('CreateTask', { ...FOX, metadata: { row: '7' } });
    expect([status, body['state']]).toEqual([201, 'running']);
    expect(platform.sent).toEqual([{ method: 'POST', url: `${RELAY}/v1/tasks` }]);
    const got = await platform.act('GetTask', { id: body['id'] });
    expect(got.body).toMatchObject({ id: body['id'], metadata: { row: '7' }, result_url: null });
    expect((await platform.act('CancelTask', { id: body['id'] })).body).toMatchObject({ state: 'canceled' });
  });

  it('creates a task, sleeps, and goes on with its result when it is called', async () => {
    const { relay, platform } = await start();
    const step = await platform.listen('CreateTaskAndWait', FOX);
    expect(step.notifications()).toEqual([]);
    await relay.tick();
    expect(step.notifications()).toEqual([
      expect.objectContaining({ type: 'task.succeeded', result_url: expect.stringMatching(/^https:/) }),
    ]);
    await step.end();
    expect(platform.sent.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  });

  it('goes on with the reason where the task fails', async () => {
    const { relay, platform } = await start();
    const step = await platform.listen('CreateTaskAndWait', {
      ...FOX,
      input: { ...FOX.input, prompt: '[fail]' },
    });
    await relay.tick();
    expect(step.notifications()).toEqual([
      expect.objectContaining({ type: 'task.failed', error_message: expect.stringMatching(/\w/) }),
    ]);
    await step.end();
  });

  it('that is stopped while it sleeps stops its task, and is not called', async () => {
    const { relay, receiver, platform, me } = await start();
    const step = await platform.listen('CreateTaskAndWait', {
      ...FOX,
      input: { ...FOX.input, prompt: '[never]' },
    });
    await step.end();
    await relay.tick();
    expect((await me.get('/v1/tasks?state=canceled')).body.data).toHaveLength(1);
    expect(receiver.received).toEqual([]);
  });

  it('is told what is wrong in the words of the document', async () => {
    const { platform } = await start();
    const { status, body } = await platform.act('CreateTask', { ...FOX, input: { duration: 5 } });
    expect([status, body['detail']]).toEqual([422, expect.stringContaining('input.prompt')]);
    expect((await platform.act('GetTask', { id: 'task_0' })).body).toMatchObject({ status: 404 });
  });
});

describe('the connector', () => {
  it('is Swagger 2.0 for this relay, open to everybody, and asks for the key with its Bearer', async () => {
    const { connector } = await start();
    expect(connector).toMatchObject({
      swagger: '2.0',
      host: 'relay.test',
      basePath: '/',
      schemes: ['https'],
    });
    expect(Object.values(connector.securityDefinitions)).toEqual([
      {
        type: 'apiKey',
        in: 'header',
        name: 'Authorization',
        description: expect.stringContaining('Bearer rb_…'),
      },
    ]);
  });

  it('names and describes every parameter and every field', async () => {
    const { connector } = await start();
    const words = {
      'x-ms-summary': expect.stringMatching(/^[A-Z]/),
      description: expect.stringMatching(/\w.*\.$/s),
    };
    let count = 0;
    const walk = (schema: Schema, place: string): void => {
      for (const [name, field] of Object.entries(schema.properties ?? {})) {
        expect([`${place}.${name}`, field]).toEqual([`${place}.${name}`, expect.objectContaining(words)]);
        count++;
        walk(field, `${place}.${name}`);
      }
      if (schema.items !== undefined) walk(schema.items, `${place}[]`);
    };
    for (const [name, schema] of Object.entries(connector.definitions)) walk(schema, name);
    for (const [path, operations] of Object.entries(connector.paths))
      for (const { parameters } of [operations.get, operations.post, operations.delete].flatMap(
        (one) => one ?? [],
      ))
        for (const parameter of parameters) {
          expect([path, parameter]).toEqual([path, expect.objectContaining(words)]);
          walk(parameter.schema ?? {}, path);
        }
    expect(count).toBeGreaterThan(80);
  });

  it('offers every field and every choice of every model', async () => {
    const { connector, me } = await start();
    const body = connector.paths['/v1/tasks']?.['post']?.parameters.find(
      (parameter) => parameter.in === 'body',
    );
    const fields = body?.schema?.properties?.['input']?.properties ?? {};
    const { data } = (await me.get('/v1/models')).body;
    for (const { input_schema } of data)
      expect(Object.keys(fields)).toEqual(expect.arrayContaining(Object.keys(input_schema.properties)));
    expect(fields['resolution']?.enum).toEqual(['480p', '720p', '1080p', '1K', '2K', '4K']);
  });

  it("has an operator's models too: a field that several take offers what any of them takes", async () => {
    const { relay, me } = await start();
    const input_schema = {
      properties: {
        prompt: { type: 'string', maxLength: 20, description: 'What to make.' },
        resolution: { type: 'string', enum: ['720p', '8K'] },
        duration: { type: 'string' },
        seed: { type: 'integer', enum: [1, 2] },
      },
      required: ['prompt'],
    };
    await relay.admin().put('/admin/models/nova-1', { title: 'Nova 1', media: 'video', input_schema });
    const connector: Connector = await (await relay.request(DOCUMENT)).json();
    const fields = connector.paths['/v1/waits']?.['post']?.parameters.find(
      ({ in: place }) => place === 'body',
    )?.schema?.properties?.['input']?.properties;
    expect(fields).toMatchObject({
      prompt: { type: 'string', 'x-ms-summary': 'Prompt' },
      resolution: { enum: ['480p', '720p', '1080p', '1K', '2K', '4K', '8K'] },
      seed: { type: 'integer', enum: [1, 2], description: 'Seed, as the model takes it.' },
    });
    expect(fields?.['prompt']).not.toHaveProperty('maxLength');
    for (const rule of ['type', 'minimum', 'maximum']) expect(fields?.['duration']).not.toHaveProperty(rule);

    const network = async (url: string, init: RequestInit) =>
      await relay.request(new URL(url).pathname, init);
    const { key } = await relay.client();
    const home = {
      receiver: relay.receiver('prod-8.logic.azure.com'),
      url: 'https://prod-8.logic.azure.com/x',
    };
    const platform = new PowerPlatform(connector, `Bearer ${key}`, network, home);
    expect(await platform.choices('CreateTask', 'model')).toContainEqual({
      value: 'nova-1',
      title: 'Nova 1',
    });
    const own = { model: 'nova-1', input: { prompt: 'a fox', resolution: '8K', seed: 2 } };
    expect((await platform.act('CreateTask', own)).status).toBe(201);
    expect((await platform.act('CreateTask', FOX)).status).toBe(201);
    await relay.admin().delete('/admin/models/nova-1');
    expect(await (await relay.request(DOCUMENT)).text()).not.toContain('8K');
    expect((await me.get('/v1/models')).body.data).toHaveLength(7);
  });

  it('has each operation under a name of its own, as Ringback has its route', async () => {
    const { relay, connector } = await start();
    const { paths } = await (await relay.request('/openapi.json')).json<{ paths: Record<string, object> }>();
    for (const [path, operations] of Object.entries(connector.paths)) {
      for (const method of Object.keys(operations).filter((name) => !name.startsWith('x-')))
        expect(paths[path]).toHaveProperty(method);
    }
  });
});

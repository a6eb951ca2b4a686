import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';

const NOVA = {
  title: 'Nova 1, text to video',
  media: 'video',
  input_schema: {
    type: 'object',
    properties: {
      prompt: { type: 'string', minLength: 1, maxLength: 50, description: 'What to make.' },
      resolution: { type: 'string', enum: ['720p', '1080p'], default: '720p' },
      duration: { type: 'integer', minimum: 1, maximum: 15 },
      seed: { type: 'integer' },
      loop: { type: 'boolean' },
      start: { type: 'string', format: 'uri' },
      weights: { type: 'array', items: { type: 'number', minimum: 0 }, maxItems: 2 },
    },
    required: ['prompt'],
  },
  credits: { per_second: { '720p': 80, '1080p': 160 } },
};
const nova = (input: Record<string, unknown> = {}) => ({
  model: 'nova-1',
  input: { prompt: 'a fox', resolution: '720p', duration: 5, ...input },
});

async function start() {
  const relay = await startRelay({ timeScale: 0 });
  return { relay, admin: relay.admin(), me: relay.as((await relay.client()).key) };
}

const put = async (relay: Relay, id: string, body: unknown) =>
  await relay.admin().put(`/admin/models/${id}`, body);

describe('a model that the operator adds', () => {
  it('is one in every way: tasks, drop-in, estimates, the list, the document', async () => {
    const { relay, me } = await start();
    expect((await me.post('/v1/tasks', nova())).status).toBe(422);
    const added = await put(relay, 'nova-1', NOVA);
    expect(added).toMatchObject({
      status: 201,
      body: { id: 'nova-1', ...NOVA, builtin: false, disabled: false },
    });
    expect(added.body.input_schema).toEqual(NOVA.input_schema);

    expect((await me.post('/v1/estimates', nova())).body).toEqual({ credits: 400 });
    const posted = await me.post('/v1/tasks', nova());
    expect(posted).toMatchObject({ status: 202, body: { model: 'nova-1', estimated_credits: 400 } });
    const dropIn = await me.post('/api/v1/jobs/createTask', nova());
    expect(dropIn).toMatchObject({ status: 200, body: { code: 200 } });
    await relay.tickUntil(
      async () => (await me.get(`/v1/tasks/${posted.body.id}`)).body.state === 'succeeded',
    );
    expect((await me.get(`/v1/tasks/${posted.body.id}`)).body.result_url).toMatch(/\.mp4$/);

    const { body: list } = await me.get('/v1/models');
    expect(list.data).toHaveLength(8);
    expect(list.data.at(-1)).toMatchObject({
      id: 'nova-1',
      title: NOVA.title,
      credits: { per: 'second', by_resolution: { '720p': 80, '1080p': 160 } },
      input_schema: { type: 'object', required: ['prompt'], additionalProperties: false },
    });
    const { components } = (await me.get('/openapi.json')).body;
    const variants = components.schemas.TaskRequest.oneOf;
    expect(variants.at(-1).properties.model).toEqual({ type: 'string', enum: ['nova-1'] });
    expect(Object.keys(variants.at(-1).properties)).toContain('callback_url');
  });

  it.each([
    [{ prompt: '' }, 'input.prompt', 'must not be empty'],
    [{ prompt: undefined }, 'input.prompt', 'is required and must be text'],
    [{ prompt: 'x'.repeat(51) }, 'input.prompt', 'must be at most 50 characters'],
    [{ resolution: '4K' }, 'input.resolution', 'must be one of 720p, 1080p'],
    [{ duration: 16 }, 'input.duration', 'must be at most 15 seconds'],
    [{ duration: 1.5 }, 'input.duration', 'must be a whole number of seconds'],
    [{ seed: '7' }, 'input.seed', 'must be a whole number'],
    [{ loop: 'yes' }, 'input.loop', 'must be true or false'],
    [{ start: 'example.com' }, 'input.start', 'must be a public URL that starts with http:// or https://'],
    [{ weights: [1, -1] }, 'input.weights.1', 'must be at least 0'],
    [{ weights: [1, 1, 1] }, 'input.weights', 'must have at most 2 numbers'],
    [{ durration: 5 }, 'input.durration', 'is not a field of this request: did you mean duration?'],
  ])('refuses %o in words', async (input, path, message) => {
    const { relay, me } = await start();
    await put(relay, 'nova-1', NOVA);
    const answer = await me.post('/v1/tasks', nova(input));
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path, message }] } });
  });

  it.each([
    [
      'for each second',
      { per_second: { '720p': 80 } },
      400,
      { per: 'second', by_resolution: { '720p': 80 } },
    ],
    ['for each item', { per_item: { '720p': 3 } }, 3, { per: 'image', by_resolution: { '720p': 3 } }],
    ['flat', { flat: 5 }, 5, { per: 'task', flat: 5 }],
    ['unknown', null, null, null],
  ])('has a price: %s', async (_, credits, estimate, shown) => {
    const { relay, me } = await start();
    await put(relay, 'nova-1', { ...NOVA, credits });
    expect((await me.post('/v1/estimates', nova())).body).toEqual({ credits: estimate });
    expect((await me.get('/v1/models')).body.data.at(-1).credits).toEqual(shown);
  });

  it('is changed at once here, and elsewhere within two seconds; its tasks go on when it is gone', async () => {
    const { relay, admin, me } = await start();
    await put(relay, 'nova-1', NOVA);
    const { body: task } = await me.post('/v1/tasks', nova());
    expect((await put(relay, 'nova-1', { ...NOVA, credits: { flat: 7 } })).status).toBe(200);
    expect((await me.post('/v1/estimates', nova())).body).toEqual({ credits: 7 });

    // Another isolate has changed it.
    await env.DB.batch([
      env.DB.prepare(`delete from models where id = 'nova-1'`),
      env.DB.prepare('update catalog set version = version + 1'),
    ]);
    relay.clock.advance(2_000);
    expect(await me.post('/v1/tasks', nova())).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'model' }] },
    });
    expect((await admin.delete('/admin/models/nova-1')).status).toBe(404);
    await relay.tickUntil(async () => (await me.get(`/v1/tasks/${task.id}`)).body.state === 'succeeded');
    expect((await me.get(`/v1/tasks/${task.id}`)).body.result_urls).toHaveLength(1);
  });

  it('is known to a post right after another isolate has added it', async () => {
    const { relay, me } = await start();
    await me.post('/v1/tasks', video());
    const { input_schema, title, media, credits } = NOVA;
    await env.DB.batch([
      env.DB.prepare(`insert into models (id, definition, added_at) values ('nova-1', ?1, 0)`).bind(
        JSON.stringify({ input_schema, title, media, credits }),
      ),
      env.DB.prepare('update catalog set version = version + 1'),
    ]);
    relay.clock.advance(1);
    expect((await me.post('/v1/tasks', nova())).status).toBe(202);
  });

  it('is disabled and enabled, and deleted', async () => {
    const { relay, admin, me } = await start();
    await put(relay, 'nova-1', NOVA);
    expect((await put(relay, 'nova-1', { disabled: true })).body).toMatchObject({ disabled: true, ...NOVA });
    expect((await me.post('/v1/tasks', nova())).status).toBe(422);
    expect((await put(relay, 'nova-1', { disabled: false })).status).toBe(200);
    expect((await me.post('/v1/tasks', nova())).status).toBe(202);
    expect((await admin.delete('/admin/models/nova-1')).status).toBe(204);
    expect((await admin.delete('/admin/models/nova-1')).status).toBe(404);
    expect((await me.post('/v1/tasks', nova())).status).toBe(422);
    expect((await admin.get('/admin/models')).body.data).toHaveLength(7);
  });
});

describe('a built-in model', () => {
  const ID = 'seedance-2.0-reference-to-video';

  it('takes being disabled alone', async () => {
    const { relay, admin, me } = await start();
    expect((await put(relay, ID, NOVA)).status).toBe(409);
    expect((await put(relay, ID, { ...NOVA, disabled: true })).status).toBe(409);
    expect((await admin.delete(`/admin/models/${ID}`)).status).toBe(409);
    expect((await put(relay, ID, { disabled: 'yes' })).body.errors).toEqual([
      { path: 'disabled', message: 'must be true or false' },
    ]);
    expect((await put(relay, ID, { disabled: true })).body).toMatchObject({ builtin: true, disabled: true });
    expect((await me.post('/v1/tasks', video())).body.errors[0].message).not.toContain(ID);
    expect((await admin.get('/admin/models')).body.data[0]).toMatchObject({ id: ID, disabled: true });
    expect((await me.get('/v1/models')).body.data).toHaveLength(6);
    await put(relay, ID, { disabled: false });
    expect((await me.post('/v1/tasks', video())).status).toBe(202);
  });

  it('is listed in the form that an own one is put in: a copy of it is taken', async () => {
    const { relay, admin } = await start();
    for (const { builtin: _, disabled: __, id, ...model } of (await admin.get('/admin/models')).body.data)
      expect([id, (await put(relay, `copy-of-${id}`, model)).status]).toEqual([id, 201]);
  });
});

describe('a definition is refused, and the place at fault is named:', () => {
  const field = (schema: unknown) => ({
    ...NOVA,
    input_schema: { ...NOVA.input_schema, properties: { prompt: { type: 'string' }, x: schema } },
  });
  const schema = (changes: object) => ({ ...NOVA, input_schema: { ...NOVA.input_schema, ...changes } });

  it.each<[string, unknown, string]>([
    ['nothing', {}, 'title'],
    ['no media', { ...NOVA, media: 'hologram' }, 'media'],
    ['a pattern', field({ type: 'string', pattern: '(a+)+$' }), 'input_schema.properties.x.pattern'],
    ['a reference', field({ $ref: '#' }), 'input_schema.properties.x.$ref'],
    ['a choice of schemas', field({ anyOf: [{ type: 'string' }] }), 'input_schema.properties.x.anyOf'],
    [
      'a list with a choice',
      field({ type: 'array', items: { anyOf: [] } }),
      'input_schema.properties.x.items.anyOf',
    ],
    ['a length of a number', field({ type: 'number', maxLength: 5 }), 'input_schema.properties.x.maxLength'],
    ['an object in it', field({ type: 'object' }), 'input_schema.properties.x.type'],
    [
      'a list of lists',
      field({ type: 'array', items: { type: 'array' } }),
      'input_schema.properties.x.items.type',
    ],
    ['a list of anything', field({ type: 'array' }), 'input_schema.properties.x.items'],
    [
      'a keyword inside a list',
      field({ type: 'array', items: { type: 'string', pattern: 'a' } }),
      'input_schema.properties.x.items.pattern',
    ],
    ['another format', field({ type: 'string', format: 'email' }), 'input_schema.properties.x.format'],
    [
      'a range the wrong way round',
      field({ type: 'number', minimum: 5, maximum: 1 }),
      'input_schema.properties.x.minimum',
    ],
    [
      'a default that does not fit',
      field({ type: 'integer', default: 'x' }),
      'input_schema.properties.x.default',
    ],
    ['allOf at the top', schema({ allOf: [] }), 'input_schema.allOf'],
    ['a required field that is none', schema({ required: ['nope'] }), 'input_schema.required.0'],
    [
      'a word of JavaScript as field',
      schema({ properties: { constructor: { type: 'string' } }, required: [] }),
      'input_schema.properties.constructor',
    ],
    ['two prices', { ...NOVA, credits: { flat: 5, per_item: { '1K': 3 } } }, 'credits'],
    ['a negative price', { ...NOVA, credits: { flat: -5 } }, 'credits.flat'],
    ['an unknown word', { ...NOVA, price: 5 }, 'price'],
    [
      'a thousand fields',
      schema({
        properties: Object.fromEntries(
          Array.from({ length: 1_000 }, (_, i) => [`f${i}`, { type: 'string' }]),
        ),
        required: [],
      }),
      'input_schema.properties',
    ],
    [
      '200 KB of words',
      schema({
        properties: Object.fromEntries(
          Array.from({ length: 60 }, (_, i) => [`f${i}`, { type: 'string', description: 'x'.repeat(900) }]),
        ),
        required: [],
      }),
      'input_schema',
    ],
  ])('%s', async (_, body, path) => {
    const { relay, admin } = await start();
    const answer = await put(relay, 'nova-1', body);
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: expect.arrayContaining([expect.objectContaining({ path })]) },
    });
    expect((await admin.get('/admin/models')).body.data).toHaveLength(7);
  });

  it.each(['Nova', '-nova', 'nova%201', 'n'.repeat(101)])('an id such as %s', async (id) => {
    const { relay } = await start();
    expect(await put(relay, id, NOVA)).toMatchObject({ status: 422, body: { errors: [{ path: 'id' }] } });
  });
});

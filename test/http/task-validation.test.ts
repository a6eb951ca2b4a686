import { describe, expect, it } from 'vitest';

import { BUILTIN_CATALOG } from '../../src/domain/models/catalog.ts';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${i}`, 'v']));

/** Posts a body, and answers with what came of it on both sides. */
async function post(body: unknown, headers: Record<string, string> = {}, vars: Record<string, string> = {}) {
  const relay = await startRelay({ vars });
  const { key } = await relay.client();
  const answer = await relay.as(key).post('/v1/tasks', body, headers);
  const { body: page } = await relay.as(key).get('/v1/tasks');
  return { ...answer, kept: page.data.length, upstream: relay.simulator.snapshot().tasks.length };
}

const withInput = (changes: Record<string, unknown>) => ({
  ...video(),
  input: { ...video().input, ...changes },
});

describe('a task is refused, and the field at fault is named:', () => {
  it.each<[string, unknown, string, string]>([
    ['nothing', null, 'body', 'must be a JSON object'],
    ['a list', [video()], 'body', 'must be a JSON object'],
    ['no model', { input: {} }, 'model', 'must be one of: seedance-2.0-reference-to-video, '],
    ['an unknown model', { ...video(), model: 'sora' }, 'model', ', gpt-image-2-image-to-image'],
    ["a word of JavaScript's as model", { ...video(), model: 'constructor' }, 'model', 'must be one of'],
    ['no input', { model: video().model }, 'input', 'is required and must be an object'],
    ['null for the input', { ...video(), input: null }, 'input', 'is required and must be an object'],
    ['an input in words', { ...video(), input: 'a fox' }, 'input', 'must be an object'],
    ['an unknown field', video('x', { callbackUrl: HOOK }), 'callbackUrl', 'is not a field of this request'],
    ["upstream's own field", video('x', { callBackUrl: HOOK }), 'callBackUrl', 'is not a field'],
    ['an unknown field inside the input', withInput({ durations: 5 }), 'input.durations', 'is not a field'],
    ['a field of another model', withInput({ image_urls: [HOOK] }), 'input.image_urls', 'is not a field'],
    ['a duration of 0', withInput({ duration: 0 }), 'input.duration', 'must be above 0'],
    ['a duration below 0', withInput({ duration: -5 }), 'input.duration', 'must be above 0'],
    ['a duration in quotes', withInput({ duration: '5' }), 'input.duration', 'must be a number of seconds'],
    ['an unknown resolution', withInput({ resolution: '8K' }), 'input.resolution', 'must be one of 480p, '],
    ['a prompt that is no text', withInput({ prompt: 5 }), 'input.prompt', 'must be text'],
    ['a prompt too long', withInput({ prompt: 'x'.repeat(20_001) }), 'input.prompt', '20,000 characters'],
    ['a switch in words', withInput({ web_search: 'yes' }), 'input.web_search', 'must be true or false'],
    [
      'URLs that are no list',
      withInput({ reference_image_urls: HOOK }),
      'input.reference_image_urls',
      'a list',
    ],
    [
      'a URL that is not http(s)',
      withInput({ reference_video_urls: [HOOK, 'ftp://a.example/1.mp4'] }),
      'input.reference_video_urls.1',
      'http:// or https://',
    ],
    [
      'a URL that is none',
      withInput({ reference_audio_urls: ['cat'] }),
      'input.reference_audio_urls.0',
      'URL',
    ],
    ['a callback URL that is no text', video('x', { callback_url: 5 }), 'callback_url', 'must be a URL'],
    ['an empty callback URL', video('x', { callback_url: '' }), 'callback_url', 'no complete URL'],
    [
      'a callback URL over http',
      video('x', { callback_url: 'http://a.example/' }),
      'callback_url',
      'https://',
    ],
    ['a callback URL on loopback', video('x', { callback_url: 'https://127.1/' }), 'callback_url', 'address'],
    [
      "Ringback's own host",
      video('x', { callback_url: 'https://relay.test/x' }),
      'callback_url',
      'this Ringback',
    ],
    [
      'the same with a dot',
      video('x', { callback_url: 'https://RELAY.test.:443/' }),
      'callback_url',
      'this Ringback',
    ],
    [
      'a callback URL too long',
      video('x', { callback_url: `https://a.example/${'x'.repeat(2_048)}` }),
      'callback_url',
      '2,048 characters',
    ],
    ['headers in words', video('x', { callback_headers: 'a: b' }), 'callback_headers', 'must be an object'],
    [
      'a header that is no text',
      video('x', { callback_headers: { a: 1 } }),
      'callback_headers.a',
      'must be text',
    ],
    [
      'a header that Ringback sets',
      video('x', { callback_headers: { 'Webhook-Signature': 'v1,x' } }),
      'callback_headers.Webhook-Signature',
      'set by Ringback',
    ],
    ['11 headers', video('x', { callback_headers: many(11) }), 'callback_headers.key-10', 'at most 10'],
    ['metadata in words', video('x', { metadata: 'row 42' }), 'metadata', 'must be an object'],
    [
      'metadata inside metadata',
      video('x', { metadata: { row: { n: 42 } } }),
      'metadata.row',
      'must be text, a number, true, false or null',
    ],
    ['21 keys of metadata', video('x', { metadata: many(21) }), 'metadata', 'at most 20 keys'],
    ['metadata over 8 KiB', video('x', { metadata: { a: 'é'.repeat(4_096) } }), 'metadata', 'at most 8 KiB'],
    ['no time', video('x', { timeout_seconds: 0 }), 'timeout_seconds', 'must be at least 1'],
    ['half a second', video('x', { timeout_seconds: 1.5 }), 'timeout_seconds', 'a whole number of seconds'],
    ['a time in quotes', video('x', { timeout_seconds: '60' }), 'timeout_seconds', 'a whole number'],
    ['more time than there is', video('x', { timeout_seconds: 86_401 }), 'timeout_seconds', 'at most 86400'],
  ])('%s', async (_, body, path, words) => {
    const answer = await post(body);
    expect(answer).toMatchObject({
      status: 422,
      body: { type: 'urn:problem-type:ringback:validation-failed', status: 422, errors: [{ path }] },
      kept: 0,
      upstream: 0,
    });
    expect(answer.body.errors[0].message).toContain(words);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body.detail).toContain(`${path}: `);
  });

  it('several at once are all named', async () => {
    const body = { ...withInput({ duration: 0, fps: 30 }), metadata: 'x', urgent: true };
    const { errors } = (await post(body)).body;
    expect(errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'input.duration',
      'input.fps',
      'metadata',
      'urgent',
    ]);
  });

  it('an idempotency key that is empty, too long or cannot be printed', async () => {
    for (const name of ['Idempotency-Key', 'X-Request-ID']) {
      for (const value of ['', 'x'.repeat(256), 'a\tb']) {
        const answer = await post(video(), { [name]: value });
        expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: name }] }, kept: 0 });
      }
    }
    expect((await post(video(), { 'Idempotency-Key': 'x'.repeat(255) })).status).toBe(202);
  });

  it("a time limit above that of the deployment, which is its operator's to set", async () => {
    const answer = await post(video('x', { timeout_seconds: 61 }), {}, { TASK_TIMEOUT_SECONDS: '60' });
    expect(answer.body.errors).toEqual([{ path: 'timeout_seconds', message: 'must be at most 60' }]);
  });
});

describe('a task is accepted', () => {
  it.each(BUILTIN_CATALOG.models.map(({ id }) => id))('of the model %s', async (model) => {
    const images = model.includes('image-to') ? { image_urls: [HOOK] } : {};
    expect((await post({ model, input: { prompt: 'a fox', ...images } })).status).toBe(202);
  });

  it('with null for every optional field, which means absent', async () => {
    const optional = [
      'aspect_ratio',
      'ratio',
      'resolution',
      'duration',
      'generate_audio',
      'reference_image_urls',
    ];
    const nulls = Object.fromEntries(optional.map((field) => [field, null]));
    const options = { callback_url: null, callback_headers: null, metadata: null, timeout_seconds: null };
    const answer = await post({ ...video(), input: { prompt: 'a fox', ...nulls }, ...options });
    expect(answer).toMatchObject({
      status: 202,
      body: { input: { prompt: 'a fox' }, metadata: {}, estimated_credits: null, callback: null },
    });
  });

  it('at every limit', async () => {
    const answer = await post({
      ...withInput({ prompt: 'x'.repeat(20_000), duration: 0.5 }),
      callback_url: `https://a.example/${'x'.repeat(2_030)}`,
      callback_headers: many(10),
      metadata: { ...many(19), a: 'x'.repeat(7_800) },
      timeout_seconds: 86_400,
    });
    expect(answer).toMatchObject({ status: 202, body: { estimated_credits: 40 } });
  });

  it('with a callback URL that is kept and shown byte for byte', async () => {
    const url = 'https://Hooks.Example.com:443/Catch//a%2fb/%7e?sig=%3D%3d+x&x=[1]%23part';
    expect((await post(video('x', { callback_url: url }))).body.callback.url).toBe(url);
  });

  it('with headers that are never read back', async () => {
    const answer = await post(
      video('x', { callback_url: HOOK, callback_headers: { Authorization: 'Bearer sw0rdfish' } }),
    );
    expect(answer.status).toBe(202);
    expect(JSON.stringify(answer.body)).not.toContain('sw0rdfish');
  });

  it('with a private callback URL where the deployment is for development', async () => {
    const local = video('x', { callback_url: 'http://127.0.0.1:8789/hooks/a' });
    expect((await post(local, {}, { ALLOW_PRIVATE_CALLBACKS: 'true' })).status).toBe(202);
  });
});

const faultsOf = async (body: unknown, path = '/v1/tasks') => {
  const relay = await startRelay();
  const { key } = await relay.client();
  const answer = await relay.as(key).post(path, body, { 'idempotency-key': 'x'.repeat(256) });
  expect([answer.status, relay.simulator.snapshot().tasks]).toEqual([422, []]);
  return answer.body;
};
const named = ({ errors }: { errors: { path: string; message: string }[] }) =>
  Object.fromEntries(errors.map(({ path, message }) => [path, message]));

describe('one answer names all that is wrong', () => {
  it('also where the model is misspelt, and says what was probably meant', async () => {
    const body = {
      modle: video().model,
      input: { promt: 'x', duration: '5' },
      callbackUrl: HOOK,
      timeout_seconds: 0,
    };
    expect(named(await faultsOf(body))).toEqual({
      model: expect.stringContaining('must be one of'),
      modle: 'is not a field of this request: did you mean model?',
      'input.promt': 'is not a field of this request: did you mean prompt?',
      'input.duration': 'must be a number of seconds',
      callbackUrl: 'is not a field of this request: did you mean callback_url?',
      timeout_seconds: 'must be at least 1',
      'Idempotency-Key': 'must be 1 to 255 printable characters',
    });
  });

  it('and says where a field belongs that stands in the wrong place', async () => {
    const body = {
      model: video().model,
      prompt: 'x',
      input: { metadata: {} },
      callback_url: 'http://10.0.0.1/',
    };
    expect(named(await faultsOf(body))).toMatchObject({
      prompt: 'is not a field of this request: write it in input',
      'input.metadata': 'is not a field of this request: write it beside input, not in it',
      callback_url: expect.stringContaining('https://'),
    });
  });

  it('a field that only some models have is at fault for the model that is asked for, and for none that is not', async () => {
    expect(named(await faultsOf({ model: 'sora', input: { image_urls: [HOOK] } }))).not.toHaveProperty(
      'input.image_urls',
    );
  });

  it('what an estimate refuses too', async () => {
    const faults = named(await faultsOf({ modle: 'x', callbackUrl: HOOK }, '/v1/estimates'));
    expect(Object.keys(faults)).toEqual(expect.arrayContaining(['model', 'modle', 'input', 'callbackUrl']));
  });

  it("and upstream's own endpoint, in its one line", async () => {
    const { msg } = await faultsOf({ modle: 'x', callbackUrl: HOOK }, '/api/v1/jobs/createTask');
    for (const name of ['model: ', 'modle: ', 'input: ', 'callbackUrl: ']) expect(msg).toContain(name);
    expect(msg).toContain('did you mean callBackUrl?');
  });
});

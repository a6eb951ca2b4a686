import { describe, expect, it } from 'vitest';
import { startRelay } from '../support/relay.ts';

const FORM = 'application/x-www-form-urlencoded';
const VIDEO = 'seedance-2.0-reference-to-video';

async function start() {
  const relay = await startRelay();
  const { key } = await relay.client();
  const send = async (body: string, headers: Record<string, string> = {}, path = '/v1/tasks') => {
    const response = await relay.request(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': FORM, ...headers },
      body,
    });
    // oxlint-disable-next-line typescript/no-explicit-any -- answers of every shape
    const answer: any = await response.json();
    return { status: response.status, body: answer };
  };
  const post = async (fields: readonly (readonly [string, string])[], headers?: Record<string, string>) =>
    await send(new URLSearchParams(fields.map(([name, value]) => [name, value])).toString(), headers);
  const faults = async (fields: readonly (readonly [string, string])[]) => {
    const { status, body } = await post(fields);
    expect([status, relay.simulator.snapshot().calls.createTask]).toEqual([422, {}]);
    return Object.fromEntries(
      body.errors.map(({ path, message }: { path: string; message: string }) => [path, message]),
    );
  };
  return { relay, key, send, post, faults };
}

describe('a task that is posted as a form', () => {
  it('is the task that JSON would have posted: quotes, line breaks, lists, numbers and booleans', async () => {
    const { post } = await start();
    const prompt = 'She says "run",\nand 100% of them do + more';
    const { status, body } = await post([
      ['model', VIDEO],
      ['prompt', prompt],
      ['reference_image_urls', 'https://cdn.example.com/1.png'],
      ['reference_image_urls', 'https://cdn.example.com/2.png'],
      ['duration', ' 5.0 '],
      ['resolution', '720p'],
      ['generate_audio', 'True'],
      ['web_search', 'false'],
      ['metadata.row', '42'],
      ['metadata.sheet.name', 'Autumn'],
      ['timeout_seconds', '3600'],
      ['callback_url', 'https://hooks.example.com/a'],
      ['callback_headers.X-Api-Key', 'a-long-random-text'],
    ]);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      input: {
        prompt,
        reference_image_urls: ['https://cdn.example.com/1.png', 'https://cdn.example.com/2.png'],
        duration: 5,
        resolution: '720p',
        generate_audio: true,
        web_search: false,
      },
      metadata: { row: '42', 'sheet.name': 'Autumn' },
      estimated_credits: 400,
      callback: { url: 'https://hooks.example.com/a' },
    });
  });

  it('is the same request as its JSON to an idempotency key', async () => {
    const { post, send } = await start();
    const once = { 'idempotency-key': 'row-42' };
    const first = await post(
      [
        ['model', VIDEO],
        ['prompt', 'A fox'],
        ['duration', '5'],
        ['resolution', '720p'],
      ],
      once,
    );
    const json = { model: VIDEO, input: { resolution: '720p', prompt: 'A fox', duration: 5 } };
    const again = await send(JSON.stringify(json), { ...once, 'content-type': 'application/json' });
    expect([first.status, again.status, again.body.id]).toEqual([202, 200, first.body.id]);
  });

  it('takes one URL for a list of one, and an empty value as absent', async () => {
    const { post } = await start();
    const { status, body } = await post([
      ['model', VIDEO],
      ['prompt', 'A fox'],
      ['reference_image_urls', 'https://cdn.example.com/1.png'],
      ['reference_video_urls', ''],
      ['duration', ''],
      ['callback_url', ''],
      ['metadata.row', ''],
    ]);
    expect([status, body.input, body.metadata, body.callback]).toEqual([
      202,
      { prompt: 'A fox', reference_image_urls: ['https://cdn.example.com/1.png'] },
      {},
      null,
    ]);
  });

  it('is refused as JSON is, each fault by its dotted path', async () => {
    const { faults } = await start();
    expect(
      await faults([
        ['model', VIDEO],
        ['promt', 'A fox'],
        ['duration', 'five'],
        ['generate_audio', 'yes'],
        ['resolution', '8K'],
        ['callback_url', 'http://10.0.0.1/'],
      ]),
    ).toEqual({
      'input.promt': expect.stringContaining('is not a field'),
      'input.duration': 'must be a number of seconds',
      'input.generate_audio': 'must be true or false',
      'input.resolution': expect.stringContaining('must be one of'),
      callback_url: expect.stringContaining('https://'),
    });
  });

  it('names the field that was given twice, and the number that would be rounded', async () => {
    const { faults } = await start();
    expect(
      await faults([
        ['model', VIDEO],
        ['prompt', 'a'],
        ['prompt', 'b'],
        ['duration', '9007199254740993'],
      ]),
    ).toEqual({
      'input.prompt': expect.stringContaining('more than once'),
      'input.duration': expect.stringContaining('rounded'),
    });
    expect(
      await faults([
        ['model', VIDEO],
        ['prompt', 'a'],
        ['__proto__', 'b'],
      ]),
    ).toHaveProperty('__proto__');
  });

  it('is told of a hundred faults at the most, none of them longer than a name is', async () => {
    const { send } = await start();
    const names = Array.from({ length: 5_000 }, (_, i) => `f${i}`);
    const many = await send(
      [`model=${VIDEO}`, ...names.flatMap((name) => [`${name}=1`, `${name}=2`])].join('&'),
    );
    expect([many.status, many.body.errors.length]).toEqual([422, 100]);
    const long = await send(`model=${VIDEO}&${'n'.repeat(50_000)}=1&${'n'.repeat(50_000)}=2`);
    expect(long.status).toBe(422);
    expect(JSON.stringify(long.body).length).toBeLessThan(2_000);
  });

  it('is UTF-8, whatever its charset says, and at most 256 KiB', async () => {
    const { send, relay } = await start();
    const latin = await send(`model=${VIDEO}&prompt=caf%E9`, {
      'content-type': `${FORM}; charset=iso-8859-1`,
    });
    expect([latin.status, latin.body.detail]).toEqual([400, expect.stringContaining('UTF-8')]);
    expect((await send('a'.repeat(256 * 1_024 + 1))).status).toBe(413);
    expect((await send('prompt=x', { 'content-encoding': 'gzip' })).status).toBe(415);
    expect(relay.simulator.snapshot().calls.createTask).toEqual({});
    const plain = await send(`model=${VIDEO}&prompt=100%+wool`);
    expect([plain.status, plain.body.input.prompt]).toEqual([202, '100% wool']);
  });

  it('is for posting a task alone, and the 415 of other types names both', async () => {
    const { send } = await start();
    const { status, body } = await send('prompt=x', { 'content-type': 'multipart/form-data; boundary=x' });
    expect([status, body.detail]).toEqual([415, expect.stringContaining(FORM)]);
    for (const path of ['/v1/estimates', '/api/v1/jobs/createTask'])
      expect((await send(`model=${VIDEO}`, {}, path)).status).toBe(415);
  });
});

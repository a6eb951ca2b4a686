import { describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, startRelay, video } from '../support/relay.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
/** One byte for each character, as Latin-1 and Windows-1252 have them. */
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf16 = (text: string, order: 'le' | 'be') =>
  Uint8Array.from(
    Array.from({ length: text.length }, (_, i) => {
      const code = text.charCodeAt(i);
      return order === 'le' ? [code & 255, code >> 8] : [code >> 8, code & 255];
    }).flat(),
  );
const joined = (...parts: ArrayLike<number>[]) => Uint8Array.from(parts.flatMap((part) => Array.from(part)));

async function gzipped(text: string): Promise<ArrayBuffer> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return await new Response(stream).arrayBuffer();
}

const POSTS = ['/v1/tasks', '/api/v1/jobs/createTask'];
const ROUTES: [string, string, string][] = [
  ['POST', '/v1/tasks', 'client'],
  ['POST', '/v1/estimates', 'client'],
  ['POST', '/v1/callbacks/test', 'client'],
  ['POST', '/v1/redeliveries', 'client'],
  ['POST', '/api/v1/jobs/createTask', 'client'],
  ['POST', '/admin/clients', 'admin'],
  ['PATCH', '/admin/clients/client_1', 'admin'],
];

async function start() {
  const relay = await startRelay();
  const { key } = await relay.client();
  const send = async (
    [method, path, who]: [string, string, string],
    body: BodyInit,
    headers: [string, string][] = [['content-type', 'application/json']],
  ) => {
    const token = who === 'admin' ? ADMIN_TOKEN : key;
    const sent = new Headers({ authorization: `Bearer ${token}` });
    // As two lines, where a name is given twice.
    for (const [name, value] of headers) sent.append(name, value);
    const response = await relay.request(path, { method, headers: sent, body });
    // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
    const answer: any = await response.json();
    return { status: response.status, body: answer, said: String(answer.detail ?? answer.msg) };
  };
  const post = async (path: string, body: BodyInit, headers?: [string, string][]) =>
    await send(['POST', path, 'client'], body, headers);
  return { relay, send, post, me: relay.as(key), created: () => relay.simulator.snapshot().calls.createTask };
}

const task = JSON.stringify(video('ein Fuchs im Schnee, schön'));

describe('a body that is not UTF-8', () => {
  const BODIES: [string, Uint8Array<ArrayBuffer>, string][] = [
    ['Latin-1', latin1(task), 'The byte 0xF6 at line 1, column 87'],
    [
      'Windows-1252 with a typographic quote',
      joined(bytes('{"a":"'), [0x93], bytes('"}')),
      '0x93 at line 1, column 7',
    ],
    ['Shift-JIS', joined(bytes('{"a":"'), [0x83, 0x5c, 0x83], bytes('"}')), '0x83 at line 1, column 7'],
    ['UTF-16 with its mark, little end first', joined([0xff, 0xfe], utf16(task, 'le')), 'looks like UTF-16'],
    ['UTF-16 with its mark, big end first', joined([0xfe, 0xff], utf16(task, 'be')), 'looks like UTF-16'],
    ['UTF-16 without a mark', utf16(task, 'le'), '0xF6 at line 1, column 173'],
    [
      'a character in more bytes than it takes',
      joined(bytes('{"a":"'), [0xc0, 0xaf], bytes('"}')),
      '0xC0 at line 1, column 7',
    ],
    [
      'half of a pair of UTF-16, as CESU-8 has it',
      joined(bytes('{"a":"\n'), [0xed, 0xa0, 0xbd], bytes('"}')),
      '0xED at line 2, column 1',
    ],
    [
      'a code point beyond all',
      joined(bytes('{"a":"é'), [0xf5, 0x80, 0x80, 0x80], bytes('"}')),
      '0xF5 at line 1, column 8',
    ],
    [
      'a character that is cut off',
      joined(bytes('{"a":"'), [0xe2, 0x82]),
      'ends in the middle of a character, at line 1, column 7',
    ],
    [
      'a lone byte that goes on with nothing',
      joined(bytes('{"a":"'), [0x80], bytes('"}')),
      '0x80 at line 1, column 7',
    ],
  ];

  it.each(BODIES)('is 400, and nothing goes upstream: %s', async (_, body, said) => {
    const { post, created } = await start();
    for (const path of POSTS) {
      const answer = await post(path, body);
      expect(answer.status).toBe(400);
      expect(answer.said).toContain(said);
    }
    expect(created()).toEqual({});
  });

  it.each(['utf-8', 'iso-8859-1', 'windows-1252', 'utf-16', 'shift_jis', '"latin1"', ''])(
    'is 400, and one that is is taken, whatever charset the type names: %s',
    async (charset) => {
      const { post } = await start();
      const type: [string, string][] = [['content-type', `application/json; charset=${charset}`]];
      for (const path of POSTS) expect((await post(path, latin1(task), type)).status).toBe(400);
      const { status, body } = await post('/v1/tasks', bytes(task), type);
      expect([status, body.input.prompt]).toEqual([202, 'ein Fuchs im Schnee, schön']);
    },
  );

  it.each(ROUTES)('is 400 at %s %s', async (...route) => {
    const { send } = await start();
    const { status, said } = await send(route, latin1('{"name":"schön"}'));
    expect([status, said]).toEqual([400, expect.stringContaining('The byte 0xF6 at line 1, column 13')]);
  });

  it('is not one that begins with a byte order mark, as some editors and shells write it', async () => {
    const { post } = await start();
    for (const path of POSTS) {
      expect((await post(path, joined([0xef, 0xbb, 0xbf], bytes(task)))).status).toBeLessThan(300);
    }
    const twice = await post('/v1/tasks', joined([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], bytes(task)));
    expect([twice.status, twice.said]).toEqual([400, expect.stringContaining('byte order mark')]);
  });
});

describe('a number that would be rounded', () => {
  const big = '1234567890123456789';
  const model = video().model;

  it.each([
    ['metadata.message_id', `{"model":"${model}","input":{},"metadata":{"message_id":${big}}}`],
    ['metadata.chat_id', `{"model":"${model}","input":{},"metadata":{"chat_id":-1001234567890123456}}`],
    ['metadata.id', `{"model":"${model}","input":{},"metadata":{"id":9007199254740992}}`],
    ['input.duration', `{"model":"${model}","input":{"duration":${big}}}`],
    ['timeout_seconds', `{"model":"${model}","input":{},"timeout_seconds":${big}}`],
    ['input.reference_image_urls.0', `{"model":"${model}","input":{"reference_image_urls":[${big}]}}`],
    ['order', `{"model":"${model}","input":{},"order":${big}}`],
    ['metadata.a.b', `{"model":"${model}","input":{},"metadata":{"a":{"b":${big}}}}`],
    ['body', big],
  ])('is 422 and named: %s', async (path, body) => {
    const { post, created } = await start();
    const answer = await post('/v1/tasks', body);
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ path, message: expect.stringContaining('send it as text') }] },
    });
    expect((await post('/api/v1/jobs/createTask', body)).status).toBe(422);
    expect(created()).toEqual({});
  });

  it.each(ROUTES)('is 422 at %s %s', async (...route) => {
    const { send } = await start();
    const { status, said } = await send(route, `{"name":"x","deep":[{"id":${big}}]}`);
    expect(status).toBe(422);
    expect(said).toContain('deep.0.id');
  });

  it('is named with all others of the body, a hundred at the most', async () => {
    const { post } = await start();
    const { body } = await post('/v1/tasks', `[${Array.from({ length: 500 }, () => big).join(',')}]`);
    expect(body.errors).toHaveLength(100);
    expect(body.errors.at(-1).path).toBe('99');
  });

  it('is no number up to 2^53 − 1, with a fraction or an exponent, or as text: these come back as they were sent', async () => {
    const { post, me } = await start();
    const metadata = `{"a":9007199254740991,"b":-9007199254740991,"c":"${big}","d":1.5,"e":1e21,"f":0.1}`;
    const { status, body } = await post(
      '/v1/tasks',
      `{"model":"${model}","input":{},"metadata":${metadata}}`,
    );
    expect(status).toBe(202);
    expect((await me.get(`/v1/tasks/${body.id}`)).body.metadata).toEqual(JSON.parse(metadata));
  });
});

describe('a body that is no JSON', () => {
  it.each(ROUTES)('is told by line and column at %s %s', async (...route) => {
    const { send } = await start();
    const { status, said } = await send(route, '{\n  "prompt": "a "fox"",\n}');
    expect([status, said]).toEqual([
      400,
      'The body is not JSON at line 2, column 17: "f" stands where a comma or "}" is expected. Write a quote inside a text as \\".',
    ]);
  });
});

describe('a content type that is given twice', () => {
  it.each([
    ['application/json', 'application/json'],
    ['application/json', 'Application/JSON'],
    ['application/json', 'application/json; charset=utf-8'],
    ['application/vnd.api+json', 'application/vnd.api+json'],
    ['application/json', 'application/json', 'application/json'],
    ['application/json, application/json'],
    ['application/json,'],
  ])('alike counts once: %s', async (...types) => {
    const { post } = await start();
    const headers = types.map((type): [string, string] => ['content-type', type]);
    for (const path of POSTS) expect((await post(path, task, headers)).status).toBeLessThan(300);
  });

  it.each([
    ['application/json', 'text/plain'],
    ['text/plain', 'application/json'],
    ['application/json', 'application/x-www-form-urlencoded'],
    ['application/json', 'application/vnd.api+json'],
    ['application/json, multipart/form-data; boundary=x'],
  ])('and differs is 415, and says so: %s', async (...types) => {
    const { post, created } = await start();
    const headers = types.map((type): [string, string] => ['content-type', type]);
    for (const path of POSTS) {
      const { status, said } = await post(path, task, headers);
      expect([status, said]).toEqual([415, expect.stringContaining('given twice and differs')]);
    }
    expect(created()).toEqual({});
  });
});

describe('a body that says how it is packed', () => {
  it.each([
    'gzip',
    'GZIP',
    'x-gzip',
    'deflate',
    'br',
    'zstd',
    'compress',
    'aws-chunked',
    'gzip, identity',
    'utf-8',
    'nonsense',
  ])('is 415, and says so: %s', async (coding) => {
    const { send, created } = await start();
    for (const route of ROUTES) {
      const { status, said } = await send(route, await gzipped(task), [
        ['content-type', 'application/json'],
        ['content-encoding', coding],
      ]);
      expect([route, status, said]).toEqual([route, 415, expect.stringContaining('Content-Encoding')]);
    }
    expect(created()).toEqual({});
  });

  it.each(['identity', 'Identity', 'identity, identity', ''])(
    'and is not packed is taken: %j',
    async (coding) => {
      const { post } = await start();
      const headers: [string, string][] = [
        ['content-type', 'application/json'],
        ['content-encoding', coding],
      ];
      expect((await post('/v1/tasks', task, headers)).status).toBe(202);
    },
  );

  it('and one that is packed and does not say so is 400, and is told what it looks like', async () => {
    const { post } = await start();
    const { status, said } = await post('/v1/tasks', await gzipped(task));
    expect([status, said]).toEqual([400, expect.stringContaining('looks like gzip')]);
  });
});

import type { Draw } from '../../simulation/draw.ts';

/** A request before it is sent; `raw` is a body that is no JSON value of ours. */
export interface FuzzRequest {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: unknown;
  raw: string | Uint8Array<ArrayBuffer> | null;
  /** Whether it still goes to the operation that it was made for. */
  isAtHome: boolean;
}

const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202egnp.exe',
  '👩‍👩‍👧‍👦'.repeat(50),
  'ﷺ'.repeat(1_000),
  'a'.repeat(100_000),
  '%s%n%00',
  "' or 1=1; drop table tasks; --",
  '<script>alert(1)</script>',
  '${7*7}{{7*7}}',
  '\r\nset-cookie: a=b',
  '__proto__',
  'constructor',
  '[never]',
  'https://127.0.0.1/',
  'https://relay.test/v1/tasks',
  'javascript:alert(1)',
  'https://hooks.example.com/\u0000',
  'https://hooks.example.com/42#',
  'https://hooks.example.com/42#row',
  'https://hooks.example.com/42\u200b',
  'https://hooks.ex\u00adample.com/42',
  '\u2066https://hooks.example.com/42',
  '9'.repeat(400),
  'NaN',
  '+275760-09-13T00:00:00Z',
  '0000-00-00T00:00:00Z',
] as const;
const ODD_VALUES = [
  null,
  true,
  0,
  -1,
  -0,
  0.1,
  1e308,
  2 ** 53 + 2,
  -(2 ** 63),
  5e-324,
  [],
  {},
  [[]],
  nested(100),
  nested(5_000),
  Array.from({ length: 5_000 }, () => null),
  Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`k${index}`, index])),
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as unknown,
  { toString: 'no', valueOf: null, hasOwnProperty: 1 },
  { length: 1e9 },
] as const;
const ODD_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'Model',
  'a'.repeat(9_000),
  '$ref',
  'then',
] as const;
const CONTENT_TYPES = [
  '',
  'text/plain',
  'application/json; charset=utf-16',
  'application/json;',
  'APPLICATION/JSON',
  'application/vnd.api+json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/json, text/plain',
  'application/json, application/json',
  'application/json; charset=utf-8, application/json',
  'application/json,',
  'application/json; charset=iso-8859-1',
  ';',
] as const;
const HEADERS = Object.entries({
  authorization: [
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'bearer rb_',
    `Bearer ${'a'.repeat(9_000)}`,
    'Bearer a b',
  ],
  'idempotency-key': ['', ' ', 'a'.repeat(256), 'a'.repeat(255), 'é', '\t', "'; --"],
  'x-request-id': ['', 'a'.repeat(256), 'same for all'],
  prefer: [
    'wait',
    'wait=',
    'wait=-1',
    'wait=1e9',
    'wait=0',
    'wait="0"',
    '"',
    ',,,;;;===',
    `wait=${'0'.repeat(9_000)}`,
  ],
  'content-encoding': ['gzip', 'br', 'nonsense', 'identity', 'identity, gzip', ''],
  accept: ['text/html', '', '*/*;q=nan'],
  cookie: ['a=b', ';;;', '__proto__=1'],
  host: ['127.0.0.1', 'evil.example.com'],
  'cf-connecting-ip': ['', '::1', 'a'.repeat(999)],
  'x-http-method-override': ['DELETE'],
  origin: ['https://evil.example.com', 'null'],
  'content-length': ['0', '-1', '999999999'],
  range: ['bytes=0-0', 'bytes=-'],
} as const satisfies Record<string, readonly [string, ...string[]]>);
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND'] as const;
const IDS = [
  'task_0',
  '%00',
  '%E0%A4%A',
  '%',
  '..%2f..%2fadmin',
  '%27%20or%201%3D1',
  'a'.repeat(9_000),
  '%F0%9F%90%88',
  '__proto__',
  '*',
  ':id',
  '',
] as const;
const QUERIES = [
  '?limit=0',
  '?limit=1e3',
  '?limit=NaN',
  '?limit=',
  '?state=&limit=&cursor=',
  '?cursor=',
  '?limit=&limit=1',
  '?limit=100',
  '?cursor=1',
  '?limit=1&limit=2',
  '?limit[]=1',
  '?state=running&state=failed',
  '?state=__proto__',
  '?cursor=%00',
  `?cursor=${'a'.repeat(5_000)}`,
  '?cursor=%27%20or%201%3D1',
  '?taskId=',
  '?taskId[]=a',
  '?taskId=%E0%A4%A',
  '?__proto__[polluted]=1',
  '?%',
  '?&&&===',
] as const;

/** Makes one thing of the request wrong, or odd. */
export function mutate(request: FuzzRequest, draw: Draw): void {
  const hasBody = request.body !== undefined;
  const kind = draw.pick(hasBody ? BODY_KINDS : OTHER_KINDS);
  switch (kind) {
    case 'value':
    case 'key':
      request.body = altered(request.body, draw, kind);
      break;
    case 'bytes':
      request.raw = oddBytes(JSON.stringify(request.body), draw);
      break;
    case 'type':
      request.headers['content-type'] = draw.pick(CONTENT_TYPES);
      break;
    case 'header': {
      const [name, values] = HEADERS[draw.between(0, HEADERS.length - 1)] ?? ['accept', ['']];
      request.headers[name] = values[draw.between(0, values.length - 1)] ?? '';
      break;
    }
    case 'method':
      request.method = draw.pick(METHODS);
      request.isAtHome = false;
      break;
    case 'id':
      request.path = request.path.replace(/(task|client)_\w+/, draw.pick(IDS));
      request.isAtHome = false;
      break;
    case 'slashes':
      request.path = draw.pick([
        `${request.path}/`,
        `/${request.path}`,
        request.path.replaceAll('/', '//'),
        `///${request.path}///`,
      ]);
      break;
    case 'query':
      request.query = draw.pick(QUERIES);
  }
}

const OTHER_KINDS = ['header', 'method', 'id', 'query', 'query', 'id', 'slashes'] as const;
const BODY_KINDS = [
  'value',
  'value',
  'value',
  'value',
  'key',
  'bytes',
  'bytes',
  'slashes',
  'type',
  'header',
  'method',
  'id',
] as const;

/** The value with one of its parts changed, at any depth. */
function altered(value: unknown, draw: Draw, kind: 'value' | 'key'): unknown {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (kind === 'key' && entries.length > 0 && draw.chance(0.6)) return withOddKey(value, draw);
  const [key, inner] = entries[draw.between(0, Math.max(0, entries.length - 1))] ?? [];
  if (key === undefined || draw.chance(0.1)) return oddValue(draw);
  if (draw.chance(0.15)) return Object.fromEntries(entries.filter(([other]) => other !== key));
  if (Array.isArray(value)) return value.map((item: unknown) => altered(item, draw, kind));
  return Object.fromEntries([...entries, [key, altered(inner, draw, kind)]]);
}

function withOddKey(value: unknown, draw: Draw): unknown {
  const key = JSON.stringify(draw.pick(ODD_KEYS));
  const rest = JSON.stringify(value).slice(1, -1);
  // As text: an object of ours cannot hold a key named __proto__, a body can.
  return JSON.parse(
    Array.isArray(value) ? `[${rest}]` : `{${rest},${key}:${JSON.stringify(oddValue(draw) ?? null)}}`,
  );
}

function oddValue(draw: Draw): unknown {
  return draw.chance(0.5) ? draw.pick(ODD_TEXTS) : draw.pick(ODD_VALUES);
}

function oddBytes(json: string, draw: Draw): string | Uint8Array<ArrayBuffer> {
  const encoded = new TextEncoder().encode(json);
  return draw.pick([
    '',
    ' ',
    'null',
    '"',
    '{',
    json.slice(0, -1),
    `${json},`,
    `\ufeff${json}`,
    `${json}${json}`,
    json.replace('{', '{"model":1,'),
    json.replaceAll('"', "'"),
    json.replaceAll('"', '“'),
    json.replace(/}$/, ',}'),
    json.replace(/:"/, ':"say "hi" '),
    json.replace(/:"/, ':"one\ntwo'),
    json.replace(/:/, ':NaN,"x":'),
    json.replace(/:/, ':undefined,"x":'),
    json.replace(/:/, ':{{1.value}},"x":'),
    json.replace(/:/, ':,"x":'),
    json.replace('{', '{/* x */'),
    json.replace('{', '{"id":1234567890123456789,'),
    json.replace(/\d+/, '-9007199254740992'),
    `${json}//`,
    `\ufeff\ufeff${json}`,
    '['.repeat(50_000),
    `{"a":`.repeat(20_000),
    `[${'9'.repeat(100_000)}]`,
    'a=b&c=d',
    'x'.repeat(300_000),
    `{"a":"${'x'.repeat(262_200)}"}`,
    encoded.map((byte, index) => (index % 7 === 3 ? byte ^ 0x80 : byte)),
    encoded.map((byte) => (byte === 0x20 ? 0xe9 : byte)),
    Uint8Array.from(Array.from(encoded).flatMap((byte) => [byte, 0])),
    new Uint8Array([0x1f, 0x8b, 0x08, 0x00]),
    new Uint8Array([0xff, 0xfe, 0x00, 0xd8, 0xc0, 0xaf]),
    Uint8Array.from(encoded, (byte) => byte).subarray(0, encoded.length >> 1),
  ]);
}

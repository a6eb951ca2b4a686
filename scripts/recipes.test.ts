import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort } from './readme/newcomer.ts';
import { HAS_PYTHON, nodesAtHand, Running } from './readme/terminal.ts';
import { ROOT } from './worker.ts';

/** A program of the recipes, and what runs it: each Node from 20 on that is at hand, and Python where there is one. */
interface Program {
  readonly command: string;
  readonly file: string;
}

const nodes = nodesAtHand().map(({ folder }) => join(folder, 'node'));
const programs = (script: string, python: string): Program[] => [
  ...nodes.map((command) => ({ command, file: script })),
  ...(HAS_PYTHON ? [{ command: 'python3', file: python }] : []),
];
const RECEIVERS = programs('receive.mjs', 'receive.py');
const POSTERS = programs('post-task.mjs', 'post_task.py');

// Away from the repository and its packages, as somebody has them who copied them.
const folder = mkdtempSync(join(tmpdir(), 'ringback-recipes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const { file } of [...RECEIVERS, ...POSTERS])
  copyFileSync(join(ROOT, 'docs', 'recipes', 'code', file), join(folder, file));
const { PATH = '' } = process.env;

const POST = { RINGBACK_URL: 'http://127.0.0.1:1', RINGBACK_KEY: 'rb_x', CALLBACK_URL: 'http://127.0.0.1:1' };
type Mistake = readonly [env: Record<string, string>, says: RegExp];
const NO_SECRET: readonly Mistake[] = [
  [{}, /^SIGNING_SECRET is missing\. .*npm run dev/],
  [{ SIGNING_SECRET: '' }, /^SIGNING_SECRET is missing/],
  [{ SIGNING_SECRET: 'whsec_…' }, /^SIGNING_SECRET is not a signing secret/],
  [{ SIGNING_SECRET: 'rb_a-key-instead' }, /^SIGNING_SECRET is not a signing secret/],
];
const NO_POST: readonly Mistake[] = [
  [{ ...POST, RINGBACK_URL: '' }, /^RINGBACK_URL is missing/],
  [{ ...POST, RINGBACK_KEY: '' }, /^RINGBACK_KEY is missing/],
  [{ ...POST, CALLBACK_URL: '' }, /^CALLBACK_URL is missing/],
  [{ ...POST, RINGBACK_URL: '127.0.0.1:8787' }, /^RINGBACK_URL begins with https:/],
  [POST, /^http:\/\/127\.0\.0\.1:1\S* cannot be reached/],
];

const each = (of: readonly Program[], mistakes: readonly Mistake[]) =>
  of.flatMap((program) => mistakes.map(([env, says]) => ({ ...program, env, says })));

describe('a program that was started the wrong way says so in one line, and ends', () => {
  it.for([...each(RECEIVERS, NO_SECRET), ...each(POSTERS, NO_POST)])(
    '$command $file with $env',
    ({ command, file, env, says }) => {
      const { status, stderr } = spawnSync(command, [file], { cwd: folder, env: { PATH, ...env } });
      expect(stderr.toString()).toMatch(says);
      expect(stderr.toString().trim().split('\n')).toHaveLength(1);
      expect(status).toBe(1);
    },
  );
});

const secretOf = (text: string): string => `whsec_${Buffer.from(text).toString('base64')}`;

describe('a receiver of the recipes', () => {
  const SECRET = secretOf('a secret of twenty-four or more bytes');
  const OTHER = secretOf('another of twenty-four or more bytes');
  const BODY =
    '{"type":"task.succeeded","id":"task_1","metadata":{"row":"42"},"result_url":"https://x/é.mp4"}';

  /** A callback as the library of Standard Webhooks signs it. */
  function signed({ secrets = [SECRET], secondsAgo = 0, id = 'msg_1' } = {}): Record<string, string> {
    const at = Math.floor(Date.now() / 1000) - secondsAgo;
    const signatures = secrets.map((secret) => new Webhook(secret).sign(id, new Date(at * 1000), BODY));
    return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': signatures.join(' ') };
  }

  const REFUSED: readonly (readonly [
    what: string,
    headers: Record<string, string>,
    body: string,
    says: RegExp,
  ])[] = [
    ['no signature', {}, BODY, /it is not signed/],
    ['an empty body without headers', {}, '', /it is not signed/],
    ['one that was signed six minutes ago', signed({ secondsAgo: 360 }), BODY, /signed .*wrong clock/],
    ['one from six minutes ahead', signed({ secondsAgo: -360 }), BODY, /signed .*wrong clock/],
    ['a time that is no number', { ...signed(), 'webhook-timestamp': 'now' }, BODY, /signed .*wrong clock/],
    ['a changed body', signed(), BODY.replace('42', '43'), /the signature does not fit/],
    ['another id', { ...signed(), 'webhook-id': 'msg_2' }, BODY, /the signature does not fit/],
    ["another client's secret", signed({ secrets: [OTHER] }), BODY, /the signature does not fit/],
    ['another kind', { ...signed(), 'webhook-signature': 'v1a,AAAA' }, BODY, /the signature does not fit/],
    ['one beyond ASCII', { ...signed(), 'webhook-signature': `v1,${'é'.repeat(44)}` }, BODY, /does not fit/],
  ];

  it.for(RECEIVERS)(
    'takes what is signed, once, and says why it refuses the rest: $command',
    async (program) => {
      const port = await freePort();
      const env = { PATH, SIGNING_SECRET: SECRET, PORT: String(port) };
      const receiver = new Running(program.command, [program.file], { cwd: folder, env });
      const send = async (headers: Record<string, string>, body: string): Promise<[number, string]> => {
        const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body });
        return [response.status, await response.text()];
      };
      try {
        await receiver.says(/Waiting for callbacks/);
        for (const [what, headers, body, says] of REFUSED) {
          const since = receiver.printed.length;
          expect([what, ...(await send(headers, body))]).toEqual([what, 401, expect.stringMatching(says)]);
          expect((await receiver.says(/Refused a POST: (.*)/, since))[1]).toMatch(says);
        }
        expect(await send(signed(), BODY)).toEqual([204, '']);
        await receiver.says(/^task\.succeeded task_1 .*42.* https:\/\/x\/é\.mp4$/m);
        const since = receiver.printed.length;
        expect(await send(signed({ secrets: [OTHER, SECRET] }), BODY)).toEqual([204, '']);
        await receiver.says(/^msg_1 again/m, since);
        expect(receiver.printed.match(/^task\.succeeded/gm)).toHaveLength(1);
      } finally {
        await receiver.stop();
      }
    },
  );

  it.for(RECEIVERS)('says that its port is taken, and ends: $command', async ({ command, file }) => {
    const port = String(await freePort());
    const env = { PATH, SIGNING_SECRET: SECRET, PORT: port };
    const first = new Running(command, [file], { cwd: folder, env });
    try {
      await first.says(/Waiting for callbacks/);
      const { status, stderr } = spawnSync(command, [file], { cwd: folder, env });
      expect([status, stderr.toString()]).toEqual([
        1,
        expect.stringMatching(new RegExp(`${port}.*set PORT\\.\n$`)),
      ]);
    } finally {
      await first.stop();
    }
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './call.ts';
import { cleanClone, copyClone } from './readme/clone.ts';
import { Development, ownPorts, secondTerminal, withOwn, type OwnPorts } from './readme/newcomer.ts';
import { blocks, isCurl } from './readme/pages.ts';
import { HAS_PYTHON, nodesAtHand, type NodeAtHand, type Terminal } from './readme/terminal.ts';
import { boxShape } from './shapes.ts';
import { ROOT } from './worker.ts';

const DEMO = 'npm ci && npm run demo';
const TEST = 'npm ci && npm test';
const DEV = 'npm run dev';
const RECEIVE = 'SIGNING_SECRET="$SIGNING_SECRET" node docs/recipes/code/receive.mjs &';
/** What needs an account at Cloudflare; `npm run setup` has tests of its own. */
const NEEDS_ACCOUNT = ['npm ci\nnpx wrangler login\nnpm run setup'];
const TO_RECEIVER = /127\.0\.0\.1:3000/;
const [OWN_NODE, ...OTHER_NODES] = nodesAtHand();
const WAITS = /Waiting for callbacks at http:\/\/127\.0\.0\.1:\d+\//;

/** What was answered; the receiver may print its own lines before and after it. */
const answerIn = (printed: string): unknown => JSON.parse(/^\{.*\}$/m.exec(printed)?.[0] ?? '');
const idOf = (printed: string): string => z.object({ id: z.string() }).parse(answerIn(printed)).id;

/** `PATH` as a terminal has it: without the folders of packages that `npm run` puts before it. */
const pathWithoutPackages = (): string =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter);

const asItStands = (block: string): string => block;
/** As the recipe says for those who prefer Python. */
const inPython = (block: string): string =>
  block
    .replace('node docs/recipes/code/receive.mjs', 'python3 docs/recipes/code/receive.py')
    .replace('node docs/recipes/code/post-task.mjs 42', 'python3 docs/recipes/code/post_task.py 43');
const SPOKEN = HAS_PYTHON ? [asItStands, inPython] : [asItStands];

describe('the README', () => {
  it('has no command that is not run here, but for those that need an account', () => {
    const known = new Set([DEMO, TEST, DEV, RECEIVE]);
    const unknown = blocks('README.md', 'sh').filter((block) => !isCurl(block) && !known.has(block));
    expect(unknown).toEqual(NEEDS_ACCOUNT);
  });

  it('has a demo that works', { timeout: 120_000 }, async () => {
    expect(blocks('README.md', 'sh')).toContain(DEMO);
    const { stdout } = await promisify(execFile)('npm', ['run', 'demo'], { cwd: ROOT });
    expect(stdout).toContain('✓ Its signature holds');
  });

  it.for(['demo', 'dev', 'setup', 'deploy', 'test'])(
    'is followed in a wrong order, and npm run %s says what comes first',
    async (script) => {
      const bare = mkdtempSync(join(tmpdir(), 'ringback-bare-'));
      try {
        copyClone(bare);
        for (const { folder } of [OWN_NODE, ...OTHER_NODES]) {
          const env = { PATH: `${folder}${delimiter}${pathWithoutPackages()}`, HOME: bare };
          const ran = promisify(execFile)('npm', ['run', script], { cwd: bare, env });
          await expect(ran).rejects.toMatchObject({
            code: 1,
            stderr: expect.stringMatching(/^Nothing is installed here yet\. Run this first: npm ci$/m),
          });
        }
      } finally {
        rmSync(bare, { recursive: true, force: true });
      }
    },
  );

  it('names the command of the tests as CI calls it', () => {
    expect(blocks('README.md', 'sh')).toContain(TEST);
    expect(readFileSync(join(ROOT, '.ci', 'run'), 'utf8')).toContain(`\n${TEST} || status=$?\n`);
  });
});

describe('the first steps in a clean clone', { timeout: 180_000 }, () => {
  const clone = mkdtempSync(join(tmpdir(), 'ringback-newcomer-'));
  let ports: OwnPorts;
  let development: Development;

  beforeAll(async () => {
    cleanClone(clone);
    ports = await ownPorts();
    development = await Development.started(clone, ports);
  }, 120_000);
  afterAll(async () => {
    await development.stop();
    rmSync(clone, { recursive: true, force: true, maxRetries: 10 });
  });

  /** Opens a second terminal, pastes the lines that the first one shows, and hands it on until `use` ends. */
  async function inSecondTerminal(
    node: NodeAtHand,
    use: (terminal: Terminal) => Promise<void>,
  ): Promise<void> {
    const terminal = secondTerminal(clone, ports, node);
    try {
      await terminal.paste(development.lines.join('\n'));
      await use(terminal);
    } finally {
      await terminal.stop();
    }
  }

  async function clientId(): Promise<string> {
    const url = new URL('/v1/client', development.value('RINGBACK'));
    const shape = z.object({ id: z.string() });
    return (await call(url, { token: development.value('KEY'), expect: 200, schema: shape })).id;
  }

  /** What the inbox of `npm run dev` shows, once this task's callback is in it. */
  async function callbackInInbox(task: string): Promise<{ raw: string; verified: boolean | null }> {
    const box = new URL(`http://127.0.0.1:${ports.inbox}/boxes/dev`);
    for (;;) {
      const { received } = await call(box, { expect: 200, schema: boxShape });
      const callback = received.find(({ raw }) => raw.includes(task));
      if (callback !== undefined) return callback;
      await promisify(setTimeout)(100);
    }
  }

  /** The calls of a page, and its receiver, pasted as they stand there. */
  async function takeTheSteps(terminal: Terminal): Promise<void> {
    const curls = blocks('README.md', 'sh').filter(isCurl);
    const [post = '', ...others] = curls.filter((block) => !TO_RECEIVER.test(block));
    const [test = '', postToReceiver = ''] = curls.filter((block) => TO_RECEIVER.test(block));
    const ids = { task: '', client: '' };
    const paste = async (block: string): Promise<string> => await terminal.paste(withOwn(block, ports, ids));

    ids.task = idOf(await paste(post));
    expect(await callbackInInbox(ids.task)).toMatchObject({ verified: true });
    expect(idOf(await paste(post))).toBe(ids.task);
    expect(others).toHaveLength(1);
    // The log has the attempt within a second or two; a person takes longer to paste.
    for (const block of others)
      while (!/"succeeded"[^]*"outcome":"delivered"/.test(await paste(block)))
        await promisify(setTimeout)(100);

    await paste(RECEIVE);
    await terminal.says(WAITS);
    expect(answerIn(await paste(test))).toMatchObject({ ok: true, status: 204 });
    await terminal.says(/^callback\.test /m);
    const video = idOf(await paste(postToReceiver));
    await terminal.says(new RegExp(`^task\\.succeeded ${video} .*\\.mp4$`, 'm'));
  }

  it.for([OWN_NODE, ...OTHER_NODES])(
    'are taken as they stand on the page, with Node $version',
    async (node) => {
      await inSecondTerminal(node, takeTheSteps);
    },
  );

  it('has calls in docs/callbacks.md that work as they stand', async () => {
    await inSecondTerminal(OWN_NODE, async (terminal) => {
      const ids = { task: '', client: await clientId() };
      const curls = blocks('docs/callbacks.md', 'sh').filter(isCurl);
      expect(curls.length).toBeGreaterThan(2);
      for (const block of curls) await terminal.paste(withOwn(block, ports, ids));
    });
  });

  it('has recipes that work as they stand, and a receiver that says why it refuses', async () => {
    for (const spoken of SPOKEN) {
      await inSecondTerminal(OWN_NODE, async (terminal) => {
        const [receive = '', post = '', forge = ''] = blocks('docs/recipes/code.md', 'sh');
        const paste = async (block: string): Promise<string> =>
          await terminal.paste(withOwn(spoken(block), ports, { task: '', client: '' }));
        await paste(receive);
        await terminal.says(WAITS);
        const [, status, id] = (await paste(post)).match(/(\d+) (\S+) \w+/) ?? [];
        expect(status).toBe('202');
        await terminal.says(new RegExp(`^task\\.succeeded ${id} .*\\.mp4$`, 'm'));
        await expect(paste(forge)).rejects.toThrow(/401[^]*it is not signed/);
        await terminal.says(/Refused a POST: it is not signed/);
      });
    }
  });

  it('prints the same lines when it is started again, and others where its secret was replaced', async () => {
    const { lines } = development;
    expect(lines).toHaveLength(4);
    await development.stop();
    development = await Development.started(clone, ports);
    expect(development.lines).toEqual(lines);

    const rotate = new URL(`/admin/clients/${await clientId()}/rotate-secret`, development.value('RINGBACK'));
    const token = development.value('ADMIN_TOKEN');
    const shape = z.object({ signing_secret: z.string() });
    await call(rotate, { method: 'POST', token, expect: 200, schema: shape });
    await development.stop();
    development = await Development.started(clone, ports);
    expect(development.lines.filter((line) => !lines.includes(line))).toEqual([
      expect.stringContaining('KEY=rb_'),
      expect.stringContaining('SIGNING_SECRET=whsec_'),
    ]);
    await inSecondTerminal(OWN_NODE, takeTheSteps);
  });
});

import { execFile, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { snippetsOf, verifySnippet } from '../../src/console/try/snippets.ts';
import { newClient, RELAY } from './visitor.ts';

const run = promisify(execFile);
/** What breaks code that is put together from texts. */
const PROMPT = `it's a "fox" \\ with $KEY \`pwd\` and """ and ''' </script>\nand a second line, ünïcödé 🦊`;
const BODY = {
  model: 'seedance-2.0-reference-to-video',
  input: { prompt: PROMPT, resolution: '720p', duration: 5, generate_audio: true },
};
const Tasks = z.object({ data: z.array(z.object({ input: z.object({ prompt: z.string() }) })) });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringback-snippets-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

function textOf(name: string): string {
  return snippetsOf(RELAY, BODY).find((snippet) => snippet.name === name)?.text ?? '';
}

const LANGUAGES: readonly (readonly [name: string, command: string, file: string])[] = [
  ['curl', 'bash', 'task.sh'],
  ['Node', process.execPath, 'task.mjs'],
  ['Python', 'python3', 'task.py'],
];

/** Those of the languages that this machine has. */
const runnable = LANGUAGES.filter(([, command]) => spawnSync(command, ['--version']).status === 0);

describe('the code that the console shows', () => {
  it.for(runnable)(
    'posts the task as it is, whatever is in the prompt: %s',
    async ([name, command, file]) => {
      const { key } = await newClient(name);
      expect(textOf(name)).not.toContain(key);
      await writeFile(join(folder, file), textOf(name));
      const env = { ...process.env, KEY: key, RINGBACK_KEY: key };
      await run(command, [join(folder, file)], { env, timeout: 30_000 });
      const response = await fetch(`${RELAY}/v1/tasks`, { headers: { authorization: `Bearer ${key}` } });
      const { data } = Tasks.parse(await response.json());
      expect(data.map(({ input }) => input.prompt)).toEqual([PROMPT]);
    },
  );

  it('is a node that n8n takes from the clipboard', () => {
    const Node = z.object({ nodes: z.array(z.object({ parameters: z.object({ jsonBody: z.string() }) })) });
    const [node] = Node.parse(JSON.parse(textOf('n8n'))).nodes;
    expect(JSON.parse(node?.parameters.jsonBody ?? '')).toEqual(BODY);
  });

  it('tells a genuine callback from one that was changed', async () => {
    const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
    const body = JSON.stringify({ prompt: PROMPT });
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signature = `v1,${createHmac('sha256', key).update(`msg_1.1700000000.${body}`).digest('base64')}`;
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1700000000',
      'webhook-signature': signature,
    };
    const said = async (text: string) => {
      const file = join(folder, 'verify.mjs');
      await writeFile(file, verifySnippet(text, headers));
      return (await run(process.execPath, [file], { env: { ...process.env, SIGNING_SECRET: secret } }))
        .stdout;
    };
    expect(await said(body)).toContain('It is from Ringback.');
    expect(await said(body.replace('fox', 'box'))).toContain('It is not from Ringback');
    const withoutSecret = spawnSync(process.execPath, [join(folder, 'verify.mjs')], { env: {} });
    expect([withoutSecret.status, withoutSecret.stderr.toString()]).toEqual([
      1,
      expect.stringMatching(/^Set SIGNING_SECRET/),
    ]);
  });
});

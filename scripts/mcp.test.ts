import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './call.ts';
import { applyMigrations } from './migrate.ts';
import { Doorman } from './mcp/doorman.ts';
import { generateSecrets } from './secrets.ts';
import { clientShape } from './shapes.ts';
import { ROOT, startWorker, type RunningWorker } from './worker.ts';

/**
 * Those for a server with tools of its own. The others call tools, prompts and resources of the suite's sample server; the one on
 * DNS rebinding is, by its own words, for servers without authentication.
 */
const APPLICABLE = ['server-initialize', 'ping', 'tools-list'];
const SUITE = join(ROOT, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');

const folder = mkdtempSync(join(tmpdir(), 'ringback-mcp-'));
let relay: RunningWorker;
let doorman: Doorman;
let key: string;

beforeAll(async () => {
  const secrets = generateSecrets();
  await applyMigrations(folder);
  const vars = { ...secrets, UPSTREAM_API_KEY: 'sk-none' };
  relay = await startWorker({ config: 'wrangler.toml', vars, port: 0, persistTo: folder, watch: false });
  ({ key } = await call(new URL('/admin/clients', relay.url), {
    method: 'POST',
    token: secrets.ADMIN_TOKEN,
    body: { name: 'agent' },
    expect: 201,
    schema: clientShape,
  }));
  doorman = await Doorman.open(relay.url, key);
}, 60_000);

afterAll(async () => {
  doorman.close();
  await relay.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

describe('POST /mcp of the Worker as it is deployed', () => {
  it.each(APPLICABLE)("passes the protocol's own conformance suite: %s", async (scenario) => {
    const args = [
      SUITE,
      'server',
      '--url',
      new URL('/mcp', doorman.url).href,
      '--scenario',
      scenario,
      '-o',
      folder,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    expect(stdout).toMatch(/Passed: ([1-9]\d*)\/\1, 0 failed, 0 warnings/);
  });

  it("answers the protocol's own client, which checks what it is told by the schemas", async () => {
    const agent = new Client({ name: 'agent', version: '1' });
    await agent.connect(
      new StreamableHTTPClientTransport(new URL('/mcp', relay.url), {
        requestInit: { headers: { authorization: `Bearer ${key}` } },
      }),
    );
    expect((await agent.listTools()).tools).toHaveLength(6);
    const { structuredContent } = await agent.callTool({ name: 'list_models', arguments: {} });
    expect(structuredContent).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ id: expect.any(String) })]),
    });
    await agent.close();
  });
});

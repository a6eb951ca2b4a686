import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../integrations/n8n/package.json' with { type: 'json' };
import { ROOT } from './worker.ts';

const NODES = join(ROOT, 'integrations', 'n8n', 'nodes');
const URL = 'https://n8n.example.com/webhook-test/1';
const SECRET = `whsec_${Buffer.from('a key of 24 bytes or so.').toString('base64')}`;
const folder = mkdtempSync(join(tmpdir(), 'ringback-n8n-nodes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// oxlint-disable-next-line typescript/no-explicit-any -- what the nodes export, by n8n's types, which are not installed here
let models: any, signature: any, subscription: any, newest: any;

/** What n8n hands to a node, as far as these need it; `answers` are Ringback's, by method and path. */
function contextOf(answers: Record<string, unknown>, more: object = {}) {
  const asked: string[] = [];
  const staticData: Record<string, unknown> = {};
  const context = {
    getNode: () => ({ name: 'Ringback' }),
    getCredentials: async () => ({ url: 'https://relay.example/', signingSecret: SECRET }),
    getNodeWebhookUrl: () => URL,
    getWorkflowStaticData: () => staticData,
    helpers: {
      async httpRequestWithAuthentication(
        _: string,
        { method, url, qs }: { method: string; url: string; qs?: object },
      ) {
        const query = new URLSearchParams();
        for (const [name, value] of Object.entries(qs ?? {})) if (value) query.set(name, String(value));
        const path = url.replace('https://relay.example', '');
        const call = `${method} ${path}${query.size > 0 ? `?${query.toString()}` : ''}`;
        asked.push(call);
        if (!(call in answers)) throw Object.assign(new Error(call), { httpCode: '404' });
        return answers[call];
      },
    },
    ...more,
  };
  return { context, asked, staticData };
}

beforeAll(async () => {
  const stub = join(folder, 'n8n-workflow.js');
  writeFileSync(
    stub,
    'export class NodeApiError extends Error { constructor(_, error) { super(error.message); this.httpCode = error.httpCode; } }',
  );
  await build({
    entryPoints: [
      'models.ts',
      'signature.ts',
      'RingbackTrigger/subscription.ts',
      'RingbackTrigger/newest-event.ts',
    ],
    absWorkingDir: NODES,
    outdir: folder,
    outbase: NODES,
    bundle: true,
    format: 'esm',
    platform: 'node',
    outExtension: { '.js': '.mjs' },
    alias: { 'n8n-workflow': stub },
  });
  models = await import(join(folder, 'models.mjs'));
  signature = await import(join(folder, 'signature.mjs'));
  subscription = await import(join(folder, 'RingbackTrigger', 'subscription.mjs'));
  newest = await import(join(folder, 'RingbackTrigger', 'newest-event.mjs'));
});

describe("n8n's nodes", () => {
  it('are a package as n8n wants it: found by its keyword, and without dependencies', () => {
    expect(manifest.keywords).toContain('n8n-community-node-package');
    expect(manifest).not.toHaveProperty('dependencies');
    expect([...manifest.n8n.nodes, ...manifest.n8n.credentials]).toHaveLength(3);
  });

  it("show the fields of an operator's model as what they are, and its price", async () => {
    const properties = {
      prompt: { type: 'string' },
      seconds: { anyOf: [{ type: 'integer', enum: [5, 10] }, { type: 'null' }] },
      loop: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      image_urls: { type: 'array', items: { type: 'string', format: 'uri' } },
    };
    const nova = { id: 'nova-1', title: 'Nova 1', input_schema: { properties, required: ['prompt'] } };
    const data = [{ ...nova, credits: { per: 'task', flat: 5 } }];
    const { context } = contextOf(
      { 'GET /v1/models': { data } },
      { getCurrentNodeParameter: () => 'nova-1' },
    );
    expect(await models.getModels.call(context)).toEqual([
      { name: 'Nova 1', value: 'nova-1', description: '5 credits a task' },
    ]);
    const { fields } = await models.getModelFields.call(context);
    expect(fields.map(({ id, type, required }: Record<string, unknown>) => [id, type, required])).toEqual([
      ['prompt', 'string', true],
      ['seconds', 'options', false],
      ['loop', 'boolean', false],
      ['image_urls', 'array', false],
    ]);
    expect(fields[1].options).toEqual([
      { name: '5', value: 5 },
      { name: '10', value: 10 },
    ]);
    const given = {
      prompt: 'a fox',
      seconds: 10,
      loop: false,
      image_urls: 'https://a.example/1\nhttps://a.example/2',
    };
    expect(models.inputOf({ ...given, seed: '' }, fields)).toEqual({
      ...given,
      image_urls: ['https://a.example/1', 'https://a.example/2'],
    });
  });

  it('take what Ringback has signed in these very bytes, and answer 401 to all else', async () => {
    const sentAt = String(Math.floor(Date.now() / 1_000));
    const body = '{"type":"task.succeeded","id":"task_1"}';
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const signed = createHmac('sha256', key).update(`msg_1.${sentAt}.${body}`).digest('base64');
    const come = async (raw: string, value: string) => {
      const statuses: number[] = [];
      const response = { status: (code: number) => (statuses.push(code), { json: () => undefined }) };
      const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': sentAt, 'webhook-signature': value };
      const { context } = contextOf(
        {},
        {
          getRequestObject: () => ({ rawBody: Buffer.from(raw) }),
          getHeaderData: () => headers,
          getResponseObject: () => response,
        },
      );
      return [await signature.signedBody(context), statuses];
    };
    expect(await come(body, `v1,AAAA v1,${signed}`)).toEqual([JSON.parse(body), []]);
    expect(await come(`${body} `, `v1,${signed}`)).toEqual([null, [401]]);
    expect(await come(body, '')).toEqual([null, [401]]);
  });
});

function event(id: string, model: string, timestamp: string) {
  return { id, model, timestamp };
}

describe("n8n's trigger", () => {
  it('ends its subscription also where n8n has forgotten which it was', async () => {
    const page = 'GET /v1/subscriptions';
    const { context, asked } = contextOf({
      [page]: { data: [{ id: 'sub_1', url: 'https://elsewhere.example/' }], next_cursor: 'c' },
      [`${page}?cursor=c`]: { data: [{ id: 'sub_2', url: URL }], next_cursor: null },
      'DELETE /v1/subscriptions/sub_2': undefined,
    });
    await subscription.unsubscribe(context);
    expect(asked.at(-1)).toBe('DELETE /v1/subscriptions/sub_2');
  });

  it('does without one that is gone', async () => {
    const { context, asked, staticData } = contextOf({});
    staticData['subscriptionId'] = 'sub_1';
    expect(await subscription.isSubscribed(context)).toBe(false);
    await subscription.unsubscribe(context);
    expect([asked.some((call) => call.startsWith('DELETE')), staticData]).toEqual([false, {}]);
  });

  it('is tested with the newest event of the kinds and models that it is for', async () => {
    const answers = {
      'GET /v1/events?type=task.succeeded&limit=50': {
        data: [event('task_3', 'other', '2026-11-03'), event('task_1', 'nova-1', '2026-11-01')],
      },
      'GET /v1/events?type=task.failed&limit=50': { data: [event('task_2', 'nova-1', '2026-11-02')] },
    };
    const chosen = { events: ['task.succeeded', 'task.failed'], models: ['nova-1'] };
    const getNodeParameter = (name: keyof typeof chosen) => chosen[name];
    expect(await newest.newestEvent(contextOf(answers, { getNodeParameter }).context)).toMatchObject({
      id: 'task_2',
    });
    chosen.models = [];
    expect(await newest.newestEvent(contextOf(answers, { getNodeParameter }).context)).toMatchObject({
      id: 'task_3',
    });
    const none = { events: ['task.failed'], models: ['nova-2'] };
    const { context } = contextOf(answers, { getNodeParameter: (name: keyof typeof none) => none[name] });
    expect(await newest.newestEvent(context)).toBeNull();
  });
});

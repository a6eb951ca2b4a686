import { describe, expect, it } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Relay } from '../support/relay.ts';
import { deviations } from './json-schema.ts';
import type { Document } from './json-schema.ts';

const HOOK = 'https://hooks.example.com/42';
const FAILURES = 'https://failures.example.com/';

type Me = ReturnType<Relay['as']>;

/** How each callback comes about, and at which host it arrives. */
const WAYS: readonly [
  webhook: string,
  what: string,
  host: string,
  bring: (me: Me, relay: Relay) => Promise<unknown>,
][] = [
  [
    'task.ended',
    'a task that succeeds',
    HOOK,
    async (me) => await me.post('/v1/tasks', video('', { callback_url: HOOK })),
  ],
  [
    'task.ended',
    'a task that fails',
    HOOK,
    async (me) => await me.post('/v1/tasks', video('[fail]', { callback_url: HOOK })),
  ],
  [
    'task.ended',
    'a task that is canceled',
    HOOK,
    async (me) => {
      const { body } = await me.post(
        '/v1/tasks',
        video('[never]', { callback_url: HOOK, metadata: { n: 1 } }),
      );
      await me.post(`/v1/tasks/${body.id}/cancel`);
    },
  ],
  [
    'dropIn.ended',
    'a task that succeeds',
    HOOK,
    async (me) => await me.post('/api/v1/jobs/createTask', video('', { callBackUrl: HOOK })),
  ],
  [
    'dropIn.ended',
    'a task that fails',
    HOOK,
    async (me) => await me.post('/api/v1/jobs/createTask', video('[fail]', { callBackUrl: HOOK })),
  ],
  [
    'callback.failed',
    'a callback that is given up',
    FAILURES,
    async (me) =>
      await me.post(
        '/v1/tasks',
        video('', { callback_url: 'https://gone.example.com/42', metadata: { n: 1 } }),
      ),
  ],
  [
    'subscription.event',
    'an end, to a subscription',
    HOOK,
    async (me) => {
      await me.post('/v1/subscriptions', { url: HOOK });
      await me.post('/v1/tasks', video(''));
    },
  ],
  [
    'subscription.event',
    'a beginning, to a subscription',
    HOOK,
    async (me) => {
      await me.post('/v1/subscriptions', { url: HOOK, events: ['task.running'] });
      await me.post('/v1/tasks', video(''));
    },
  ],
  [
    'subscription.event',
    'a callback that is given up, to a subscription',
    HOOK,
    async (me) => {
      await me.post('/v1/subscriptions', { url: HOOK, events: ['callback.failed'] });
      await me.post('/v1/tasks', video('', { callback_url: 'https://gone.example.com/42' }));
    },
  ],
  [
    'operator.event',
    'an end, to the operator',
    HOOK,
    async (me, relay) => {
      await relay.admin().post('/admin/subscriptions', { url: HOOK });
      await me.post('/v1/tasks', video(''));
    },
  ],
  [
    'operator.event',
    'credits that are used up, to the operator',
    HOOK,
    async (me, relay) => {
      await relay.admin().post('/admin/subscriptions', { url: HOOK, events: ['credits.exhausted'] });
      await relay.fault({ endpoint: 'createTask', kind: 'status', status: 402, times: 1 });
      await me.post('/v1/tasks', video(''));
    },
  ],
  [
    'callback.test',
    'a test of a hook',
    HOOK,
    async (me) => await me.post('/v1/callbacks/test', { url: HOOK }),
  ],
];

async function start() {
  const relay = await startRelay({ timeScale: 0 });
  const document: Document = await (await relay.request('/openapi.json')).json();
  return { relay, document };
}

describe('every callback is what the document says:', () => {
  it.each(WAYS)('%s, of %s', async (webhook, _what, url, bring) => {
    const { relay, document } = await start();
    const receivers = [HOOK, FAILURES].map((each) => [each, relay.receiver(new URL(each).host)] as const);
    relay.receiver('gone.example.com', [{ status: 410 }]);
    const { key } = await relay.client({ failure_callback_url: FAILURES });
    await bring(relay.as(key), relay);
    await relay.tick();
    const received = receivers.find(([each]) => each === url)?.[1].received ?? [];
    expect(received).toHaveLength(1);
    const operation = document.webhooks[webhook]?.['post'];
    const { content = {} } = operation?.requestBody ?? {};
    const type = received[0]?.headers['content-type'] ?? '';
    expect(content[type]?.schema.$ref).toBeDefined();
    expect(deviations(document, content[type]?.schema ?? {}, JSON.parse(received[0]?.body ?? ''))).toEqual(
      [],
    );
    const named = (operation?.parameters ?? []).map(({ name }) => name);
    expect(named).toEqual(['webhook-id', 'webhook-timestamp', 'webhook-signature']);
    for (const name of named) expect([name, received[0]?.headers[name]]).toEqual([name, expect.any(String)]);
  });

  it('none is in the document that is not tried here', async () => {
    const { document } = await start();
    expect(Object.keys(document.webhooks).toSorted()).toEqual(
      [...new Set(WAYS.map(([webhook]) => webhook))].toSorted(),
    );
  });
});

import { expect, it } from 'vitest';
import { PowerPlatform } from '../../support/power-platform.ts';
import type { Connector } from '../../support/power-platform.ts';
import { RELAY, startRelay, video } from '../../support/relay.ts';

const HOST = 'prod-7.westeurope.logic.azure.com';

async function start() {
  const relay = await startRelay({ timeScale: 0 });
  const receiver = relay.receiver(HOST, [{ status: 202 }]);
  const { key } = await relay.client();
  const connector: Connector = await (await relay.request('/connectors/power-automate.json')).json();
  const network = async (url: string, init: RequestInit) => {
    const { pathname, search } = new URL(url);
    return await relay.request(pathname + search, init);
  };
  const home = { receiver, url: `https://${HOST}/workflows` };
  return { relay, me: relay.as(key), platform: new PowerPlatform(connector, `Bearer ${key}`, network, home) };
}

it('starts a flow with each end that was chosen, until the flow is turned off', async () => {
  const { relay, me, platform } = await start();
  const flow = await platform.listen('WhenTaskEnds', { events: ['task.succeeded'] });
  for (const prompt of ['a fox', '[fail]']) await me.post('/v1/tasks', video(prompt));
  await relay.tick();
  expect(flow.notifications()).toEqual([
    expect.objectContaining({ type: 'task.succeeded', event_id: expect.stringMatching(/^evt_/) }),
  ]);
  await flow.end();
  await me.post('/v1/tasks', video());
  await relay.tick();
  expect(flow.notifications()).toHaveLength(1);
  expect(platform.sent.map(({ method, url }) => `${method} ${url.replace(/sub_\w+/, '')}`)).toEqual([
    `POST ${RELAY}/v1/subscriptions`,
    `DELETE ${RELAY}/v1/subscriptions/`,
  ]);
});

import { describe, expect, it } from 'vitest';
import { browserOf } from '../support/browser.ts';
import type { ScriptedAnswer } from '../support/receiver.ts';
import { startRelay, video } from '../support/relay.ts';

const CHANNEL = 'https://hooks.slack.com/services/T0/B0/x';
const PAGE = '/console/subscriptions';

async function start(script?: ScriptedAnswer[]) {
  const relay = await startRelay({ timeScale: 0 });
  const slack = relay.receiver('hooks.slack.com', script);
  const client = await relay.client({ name: 'my shop' });
  const operator = browserOf(relay);
  await operator.signIn();
  const mine = browserOf(relay);
  await mine.signIn(client.key);
  return { relay, slack, client, operator, mine, me: relay.as(client.key) };
}

describe('the page of alerts', () => {
  it('offers Slack, Discord and Teams, says how to get each URL, and shows what a message looks like', async () => {
    const { operator } = await start();
    const { text } = await operator.get(PAGE);
    expect(text).toContain('<h1>Alerts</h1>');
    for (const words of ['Incoming Webhooks', 'Copy Webhook URL', 'Send webhook alerts to a channel'])
      expect(text).toContain(words);
    expect(text).toContain('“A fox crosses a frozen lake at dawn” succeeded.');
  });

  it('connects a channel by what was typed there, tests it at once, and shows its secret this once', async () => {
    const { operator, slack, relay } = await start();
    const fields = { format: 'slack', url: CHANNEL, events: 'receiver.failing', description: '' };
    const { status, text } = await operator.submit(PAGE, fields);
    expect(status).toBe(200);
    expect(text).toContain('It is connected.');
    expect(text).toContain('The test arrived: it answered 200');
    expect(text).toMatch(/whsec_[\w+/=]+/);
    expect(JSON.parse(slack.received[0]?.body ?? '')).toEqual({
      text: expect.stringContaining('This is a test of Ringback'),
    });
    expect((await operator.get(PAGE)).text).not.toContain('whsec_');
    expect((await relay.admin().get('/admin/subscriptions')).body.data).toMatchObject([
      { url: CHANNEL, events: ['receiver.failing'], format: 'slack' },
    ]);
  });

  it('keeps what was typed where it is refused, and says why', async () => {
    const { operator } = await start();
    const { status, text } = await operator.submit(PAGE, {
      format: 'teams',
      url: 'http://10.0.0.1/',
      description: 'ops',
    });
    expect(status).toBe(422);
    expect(text).toContain('value="http://10.0.0.1/"');
    expect(text).toContain('value="ops"');
    expect(text).toContain('class="fault"');
  });
});

describe('the page of subscriptions', () => {
  it('shows how each does, tests it, takes a stopped one up again, and deletes it', async () => {
    const { relay, mine, me } = await start([{ status: 410 }]);
    const { id } = (await me.post('/v1/subscriptions', { url: CHANNEL, format: 'slack' })).body;
    await me.post('/v1/tasks', video());
    await relay.tick();
    expect((await mine.get(PAGE)).text).toContain('The receiver answered 410');
    expect((await mine.get('/console')).text).toContain('A subscription to hooks.slack.com was stopped');
    expect((await mine.submit(`${PAGE}/${id}/test`)).text).toContain(
      'The test was not taken: it answered 410',
    );
    expect((await mine.submit(`${PAGE}/${id}/activate`)).status).toBe(303);
    expect((await me.get(`/v1/subscriptions/${id}`)).body.state).toBe('active');
    expect((await mine.submit(`${PAGE}/${id}/delete`)).status).toBe(303);
    expect((await mine.get(PAGE)).text).toContain('No address yet');
  });

  it('of a client is seen by the operator, who can test it, and by no other client', async () => {
    const { relay, operator, client, me } = await start();
    const { id } = (await me.post('/v1/subscriptions', { url: CHANNEL, description: 'the shop' })).body;
    const path = `/console/clients/${client.id}/subscriptions`;
    expect((await operator.get(path)).text).toContain('the shop');
    expect((await operator.submit(`${path}/${id}/test`)).text).toContain('The test arrived');
    const other = browserOf(relay);
    await other.signIn((await relay.client()).key);
    expect((await other.get(path)).status).toBe(404);
    expect((await other.submit(`${PAGE}/${id}/test`)).status).toBe(404);
    expect((await other.submit(`${PAGE}/${id}/delete`)).status).toBe(303);
    expect((await me.get(`/v1/subscriptions/${id}`)).status).toBe(200);
  });
});

it('the page of a task shows what subscriptions were told, the operator’s own to the operator alone', async () => {
  const { relay, operator, mine, me } = await start();
  await me.post('/v1/subscriptions', { url: CHANNEL });
  await relay.admin().post('/admin/subscriptions', { url: CHANNEL });
  const { id } = (await me.post('/v1/tasks', video())).body;
  await relay.tick();
  const seen = (await mine.get(`/console/tasks/${id}`)).text;
  expect(seen).toContain('Told to subscriptions');
  expect(seen).not.toContain('(the operator&#39;s)');
  expect((await operator.get(`/console/tasks/${id}`)).text).toContain('(the operator&#39;s)');
});

import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createTaskCount } from '../../src/store/task-search.ts';
import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/';

async function start() {
  const relay = await startRelay({ vars: { SEARCH_METADATA_KEY: 'order' } });
  const [shop, other] = [await relay.client({ name: 'Shop' }), await relay.client({ name: 'Other' })];
  const operator = browserOf(relay);
  await operator.signIn();
  const post = async (key: string, order: string, callback_url = HOOK): Promise<string> => {
    relay.clock.advance(1);
    const { body } = await relay.as(key).post('/v1/tasks', video('x', { callback_url, metadata: { order } }));
    return body.id;
  };
  return { relay, shop, other, operator, post };
}

describe('a filtered list of tasks', () => {
  it('says how many there are, on all of its pages', async () => {
    const { shop, other, operator, post } = await start();
    for (let i = 0; i < 51; i++) await post(shop.key, `A-${i}`);
    await post(other.key, 'B');
    expect((await operator.get(`/console/tasks?client=${shop.id}`)).text).toContain('>51 tasks<');
    expect((await operator.get(`/console/tasks?client=${other.id}`)).text).toContain('>1 task<');
    expect((await operator.get('/console/tasks')).text).not.toMatch(/>\d+ tasks?</);
  });

  it('counts no further than a page looks, and says so', async () => {
    const { shop, post } = await start();
    for (let i = 0; i < 6; i++) await post(shop.key, i === 5 ? 'B' : 'A');
    const query = {
      clientId: shop.id,
      state: null,
      callbackState: null,
      model: null,
      text: null,
      cursor: null,
    };
    const count = createTaskCount(env.DB, 4);
    expect(await count(query)).toEqual({ count: 4, isLeast: true });
    expect(await count({ ...query, model: 'none' })).toEqual({ count: 0, isLeast: true });
    expect(await count({ ...query, text: 'B' })).toEqual({ count: 1, isLeast: false });
    expect(await count({ ...query, text: 'A' })).toEqual({ count: 4, isLeast: true });
    expect(await createTaskCount(env.DB)(query)).toEqual({ count: 6, isLeast: false });
  });

  it('by a value of the metadata and a receiver has what fits both', async () => {
    const { shop, operator, post } = await start();
    const mine = await post(shop.key, 'A', 'https://mine.example.com/');
    const theirs = await post(shop.key, 'A', 'https://theirs.example.com/');
    const { text } = await operator.get('/console/tasks?q=A&host=mine.example.com');
    expect(text).toContain(mine);
    expect(text).not.toContain(theirs);
  });
});

describe('the newest page of the list', () => {
  it('asks for itself again, with its filters; an older page stays as it is', async () => {
    const { shop, operator, post } = await start();
    const id = await post(shop.key, 'A');
    const { text } = await operator.get('/console/tasks?state=running');
    expect(text).toContain('data-refresh="/console/tasks/live?state=running" data-every="60"');
    expect((await operator.get('/console/tasks')).text).toContain(
      'data-refresh="/console/tasks/live" data-every="10"',
    );
    expect((await operator.get(`/console/tasks?cursor=${id}`)).text).not.toContain('data-refresh');
    const live = await operator.get('/console/tasks/live?state=running');
    expect(live.text).toContain(id);
    expect(live.text).not.toContain('<html');
    expect((await operator.get('/console/tasks/live?state=failed')).text).not.toContain(id);
  });

  it('shows a client its own tasks alone', async () => {
    const { relay, shop, other, post } = await start();
    const [mine, theirs] = [await post(shop.key, 'A'), await post(other.key, 'A')];
    const client = browserOf(relay);
    await client.signIn(shop.key);
    const { text } = await client.get(`/console/tasks/live?client=${other.id}`);
    expect(text).toContain(mine);
    expect(text).not.toContain(theirs);
  });
});

describe('what a receiver answered', () => {
  it('is indented where it is JSON, on the page of its task', async () => {
    const { relay, shop, operator, post } = await start();
    relay.receiver('hooks.example.com', [
      { status: 400, body: '{"error":{"message":"<b>no</b>","code":7}}' },
      { status: 500, body: `{"cut":"${'x'.repeat(2_000)}"}` },
    ]);
    const id = await post(shop.key, 'A');
    await relay.tickUntil(
      async () => (await relay.as(shop.key).get(`/v1/tasks/${id}`)).body.callback.attempts > 1,
    );
    const { text } = await operator.get(`/console/tasks/${id}`);
    expect(text).toContain('Answered 400:</p>');
    expect(text).toContain('&quot;message&quot;: &quot;&lt;b&gt;no&lt;/b&gt;&quot;,\n');
    expect(text).toContain('<pre class="answer">{&quot;cut&quot;:&quot;xxx');
    expect(text).toContain('Next attempt at ');
  });
});

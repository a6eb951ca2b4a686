import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';

import { createTaskSearch } from '../../src/store/task-search.ts';
import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';

async function start() {
  const relay = await startRelay();
  const browser = browserOf(relay);
  await browser.signIn();
  return { relay, browser };
}

describe('the overview', () => {
  it('says that nothing needs attention where nothing does, and shows a relay without tasks', async () => {
    const { browser } = await start();
    const { text } = await browser.get('/console');
    expect(text).toContain('Nothing needs attention');
    expect(text).toContain('Nothing in this time');
  });

  it('counts what is in hand and what has ended, and draws it', async () => {
    const { relay, browser } = await start();
    relay.receiver('hooks.example.com');
    const me = relay.as((await relay.client()).key);
    await me.post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    const { body } = await me.post('/v1/tasks', video('[fail] a fox', { callback_url: HOOK }));
    await me.post('/v1/tasks', video('[never]'));
    await relay.tickUntil(
      async () => (await me.get(`/v1/tasks/${body.id}`)).body.callback.state === 'delivered',
    );
    for (const span of ['24h', '7d']) {
      const { text } = await browser.get(`/console/live?span=${span}`);
      expect(text).toMatch(/Running<\/a><\/dt><dd><b>1<\/b>/);
      expect(text).toMatch(/Tasks succeeded<\/a><\/dt><dd><b>50 %<\/b>/);
      expect(text).toMatch(/Callbacks delivered<\/a><\/dt><dd><b>100 %<\/b>/);
      expect(text).toContain('class="fill succeeded"');
      expect(text).toContain('class="fill failed"');
      expect(text).toContain('class="fill p50"');
      expect(text).toContain('The operator&#39;s key');
    }
  });

  it('says whose posts are refused and why, although no task is left of them', async () => {
    const { relay, browser } = await start();
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 401 });
    await relay.as((await relay.client()).key).post('/v1/tasks', video());
    await vi.waitFor(async () => {
      const { text } = await browser.get('/console');
      expect(text).toContain('One post refused in 24 hours, because upstream does not accept the key');
      expect(text).toContain('Set a new UPSTREAM_API_KEY');
    });
  });

  it('puts first what needs attention: a callback that was given up, a cron that does not run', async () => {
    const { relay, browser } = await start();
    relay.receiver('hooks.example.com', [{ status: 410 }]);
    const me = relay.as((await relay.client()).key);
    const { body } = await me.post('/v1/tasks', video('a fox', { callback_url: HOOK }));
    await relay.tickUntil(
      async () => (await me.get(`/v1/tasks/${body.id}`)).body.callback.state === 'failed',
    );
    expect((await browser.get('/console')).text).toContain('A callback to hooks.example.com was given up');
    await me.post('/v1/tasks', video('[never]'));
    relay.clock.advance(600_000);
    const { text } = await browser.get('/console/live');
    expect(text.indexOf('the cron does not run')).toBeGreaterThan(0);
    expect(text.indexOf('the cron does not run')).toBeLessThan(
      text.indexOf('A callback to hooks.example.com was given up'),
    );
  });

  it('names the receivers that callbacks have not got through to, and leads to the task that says why', async () => {
    const { relay, browser } = await start();
    const broken = Array.from({ length: 9 }, () => ({ status: 500, body: 'out of order' }));
    relay.receiver('broken.example.com', broken);
    const moved = { status: 302, headers: { location: 'https://example.com/new' } };
    relay.receiver(
      'moved.example.com',
      Array.from({ length: 9 }, () => moved),
    );
    const me = relay.as((await relay.client()).key);
    const post = async (callback_url: string): Promise<string> =>
      (await me.post('/v1/tasks', video('a fox', { callback_url }))).body.id;
    const one = await post('https://broken.example.com/42');
    const all = [one, await post('https://moved.example.com/1'), await post('https://moved.example.com/2')];
    const isRetried = async (id: string): Promise<boolean> =>
      (await me.get(`/v1/tasks/${id}`)).body.callback.attempts > 1;
    await relay.tickUntil(async () => (await Promise.all(all.map(isRetried))).every(Boolean));
    const { text } = await browser.get('/console');
    expect(text).toContain('A callback to broken.example.com has not arrived yet');
    expect(text).toContain('Last met: answer 500.');
    expect(text).toContain('2 callbacks to moved.example.com have not arrived yet');
    expect(text).toMatch(/Of [\w-]+\. Last met: answer 302/);
    expect(text).toContain(`href="/console/tasks/${one}"`);
    expect((await browser.get('/console/tasks?callback=pending')).text).toContain('answered 302');
    const page = (await browser.get(`/console/tasks/${one}`)).text;
    expect(page.indexOf('Answered 500 with')).toBeGreaterThan(
      page.indexOf('The callback has not arrived yet'),
    );
    expect(page).toContain('https://broken.example.com/42');
  });

  it('says which client a host does not answer, and tells of the callbacks of others there as ever', async () => {
    const { relay, browser } = await start();
    relay.receiver(
      'hooks.example.com',
      Array.from({ length: 9 }, () => ({ status: 500 })),
    );
    const [silent, heard] = [await relay.client({ name: 'zapier' }), await relay.client({ name: 'make' })];
    const posted = async (key: string): Promise<string> => {
      const me = relay.as(key);
      const { id } = (await me.post('/v1/tasks', video('[never]', { callback_url: HOOK }))).body;
      await me.post(`/v1/tasks/${id}/cancel`);
      return id;
    };
    await posted(silent.key);
    const id = await posted(heard.key);
    await env.DB.prepare(
      `insert into receivers (host, client_id, open_until, silences, silent_since, observed_at)
       values ('hooks.example.com', ?1, ?2 + 300000, 12, ?2 - 120000, ?2)`,
    )
      .bind(silent.id, relay.clock.now())
      .run();
    const attempts = async (): Promise<number> =>
      (await relay.as(heard.key).get(`/v1/tasks/${id}`)).body.callback.attempts;
    await relay.tickUntil(async () => (await attempts()) > 1);
    const { text } = await browser.get('/console');
    expect(text).toContain('hooks.example.com has not answered for');
    expect(text).toContain('Of zapier. One callback waits for it, and uses up no attempts.');
    expect(text).toContain('A callback to hooks.example.com has not arrived yet');
    expect(text).toContain(`href="/console/tasks/${id}"`);
  });

  it('names an upstream key that is not accepted, with upstream’s words and never with the key', async () => {
    const { relay, browser } = await start();
    const me = relay.as((await relay.client({ name: 'zapier', upstream_api_key: 'sk-their-own-key' })).key);
    await relay.fault({ endpoint: 'createTask', kind: 'status', status: 500, times: 50 });
    await me.post('/v1/tasks', video('a fox'));
    const { text } = await browser.get('/console/live');
    expect(text).toContain('The key of zapier');
    expect(text).toContain('tasks cannot be handed over');
    expect(text).not.toContain('sk-their-own-key');
  });
});

async function several() {
  const { relay, browser } = await start();
  relay.receiver('hooks.example.com');
  const client = await relay.client({ name: 'zapier' });
  const me = relay.as(client.key);
  const fox = (await me.post('/v1/tasks', video('the red fox', { metadata: { order: 'A_1' } }))).body.id;
  const owl = (await me.post('/v1/tasks', video('the grey owl', { metadata: { order: 'AX1' } }))).body.id;
  await me.post(`/v1/tasks/${owl}/cancel`);
  const shown = async (query: string) => {
    const { text } = await browser.get(`/console/tasks?${query}`);
    return [text.includes('the red fox'), text.includes('the grey owl')];
  };
  return { relay, browser, client, me, fox, owl, shown };
}

describe('the list of tasks', () => {
  it('is found by id, its beginning, and text of the metadata, in which nothing is a wildcard', async () => {
    const { fox, shown } = await several();
    expect(await shown('')).toEqual([true, true]);
    expect(await shown(`q=${fox}`)).toEqual([true, false]);
    expect(await shown(`q=${fox.toUpperCase()}`)).toEqual([true, false]);
    expect(await shown(`q=${fox.slice(0, 12)}`)).toEqual([true, true]);
    expect(await shown(`q=${fox}&state=canceled`)).toEqual([false, false]);
    expect(await shown('q=task_000')).toEqual([false, false]);
    expect(await shown('q=A_1')).toEqual([true, false]);
    expect(await shown('q=AX1')).toEqual([false, true]);
    expect(await shown('q=%25')).toEqual([false, false]);
  });

  it.each([
    'k'.repeat(47),
    'k'.repeat(48),
    'k'.repeat(49),
    'k'.repeat(300),
    'k'.repeat(5_000),
    'ü'.repeat(24),
    '🦊'.repeat(20),
    '%'.repeat(60),
    '_'.repeat(60),
    '\\'.repeat(60),
    `say "hi" ${'"'.repeat(60)}`,
    'a line\nand another, with a tab\there and more of it than fits',
  ])('is found by text of any length: %j', async (words) => {
    const { relay, browser } = await start();
    const me = relay.as((await relay.client()).key);
    await me.post('/v1/tasks', video('the red fox', { metadata: { note: `before ${words} behind` } }));
    await me.post(
      '/v1/tasks',
      video('the grey owl', { metadata: { note: `before ${words.slice(1)} behind` } }),
    );
    const { status, text } = await browser.get(`/console/tasks?q=${encodeURIComponent(` ${words} `)}`);
    expect([status, text.includes('the red fox')]).toEqual([200, true]);
    const whole = await browser.get(`/console/tasks?q=${encodeURIComponent(`before ${words} behind`)}`);
    expect([whole.text.includes('the red fox'), whole.text.includes('the grey owl')]).toEqual([true, false]);
  });

  it('is filtered by state, callback, client and model; what is misspelt counts as not asked', async () => {
    const { client, shown } = await several();
    expect(await shown('state=canceled')).toEqual([false, true]);
    expect(await shown('state=running')).toEqual([true, false]);
    expect(await shown('callback=delivered')).toEqual([false, false]);
    expect(await shown(`client=${client.id}`)).toEqual([true, true]);
    expect(await shown('client=client_other')).toEqual([false, false]);
    expect(await shown('model=gpt-image-2-text-to-image')).toEqual([false, false]);
    expect(await shown('state=nonsense&cursor=nonsense')).toEqual([true, true]);
  });

  it('comes in pages of 50, and each task stands on one of them', async () => {
    const { relay, browser } = await start();
    const me = relay.as((await relay.client()).key);
    for (let i = 0; i < 53; i++) {
      relay.clock.advance(1);
      await me.post('/v1/tasks', video(`fox ${i}.`));
    }
    const seen: string[] = [];
    let next: string | null = '/console/tasks?state=running';
    for (let pages = 0; next !== null && pages < 5; pages++) {
      const { text } = await browser.get(next);
      const ids = Array.from(text.matchAll(/href="\/console\/tasks\/(task_\w+)"/g), ([, id = '']) => id);
      expect(ids.length).toBeLessThanOrEqual(50);
      seen.push(...ids);
      next = /href="([^"]+)" rel="next"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? null;
    }
    expect(seen).toHaveLength(53);
    expect(new Set(seen).size).toBe(53);
    expect(seen).toEqual(seen.toSorted().toReversed());
  });
});

describe('the search', () => {
  it('looks at a bounded number of tasks at a time, and goes on from there until all were looked at', async () => {
    const { relay } = await start();
    const me = relay.as((await relay.client()).key);
    for (let i = 0; i < 8; i++) {
      relay.clock.advance(1);
      await me.post('/v1/tasks', video(`fox ${i}`, { metadata: { row: i === 0 ? 'wanted' : 'other' } }));
    }
    const search = createTaskSearch(env.DB, 3);
    const query = {
      clientId: null,
      state: null,
      callbackState: null,
      model: null,
      text: 'wanted',
      cursor: null,
    };
    const pages = [await search(query)];
    while (pages.at(-1)?.nextCursor && pages.length < 9) {
      pages.push(await search({ ...query, cursor: pages.at(-1)?.nextCursor ?? null }));
    }
    expect(pages.map(({ tasks, hasStopped }) => [tasks.length, hasStopped])).toEqual([
      [0, true],
      [0, true],
      [1, false],
    ]);
    const oldest = pages.at(-1)?.tasks[0];
    expect(await search({ ...query, text: oldest?.id ?? '' })).toMatchObject({
      tasks: [oldest],
      nextCursor: null,
    });
  });
});

describe('a task’s page', () => {
  it('shows hostile text as text: of the prompt, the metadata, and what a receiver answered', async () => {
    const { relay, browser } = await start();
    const evil = '</pre><script>alert(1)</script>"><img src=x onerror=alert(2)>';
    relay.receiver(
      'hooks.example.com',
      Array.from({ length: 9 }, () => ({ status: 500, body: evil })),
    );
    const me = relay.as((await relay.client({ name: evil })).key);
    const task = video(evil, { callback_url: `${HOOK}?x=%3Cscript%3E`, metadata: { [evil]: evil } });
    const { body } = await me.post('/v1/tasks', task);
    await relay.tickUntil(async () => (await me.get(`/v1/tasks/${body.id}`)).body.callback.attempts > 0);
    for (const path of [
      `/console/tasks/${body.id}`,
      '/console/tasks',
      '/console',
      '/console/clients',
      '/console/try',
    ]) {
      const { text } = await browser.get(path);
      expect(text).not.toContain('<script>alert');
      expect(text).not.toContain('<img src=x');
    }
    expect((await browser.get(`/console/tasks/${body.id}`)).text).toContain('Answered 500 with');
  });

  it('says that upstream has given no link yet, and shows a picture as one where it gave nothing else', async () => {
    const { relay, browser } = await start();
    const me = relay.as((await relay.client()).key);
    const { body } = await me.post('/v1/tasks', video('[slow:1] [no-link:the filter looks at it]'));
    await relay.tick();
    const waiting = await browser.get(`/console/tasks/${body.id}`);
    expect(waiting.text).toContain('Upstream says success, and has given no link yet');
    expect(waiting.text).toContain('the filter looks at it');
    await env.DB.prepare(
      `update tasks set state = 'succeeded', completed_at = ?1, due_at = null, result_json = '["https://cdn.example.com/1.png"]'`,
    )
      .bind(relay.clock.now())
      .run();
    const { text } = await browser.get(`/console/tasks/${body.id}`);
    expect(text).toContain('<img src="https://cdn.example.com/1.png"');
    expect(text).not.toContain('<video');
  });

  it('shows the attempts to tell the failure URL behind those of the callback, and what comes next', async () => {
    const { relay, browser } = await start();
    relay.receiver('hooks.example.com', [{ status: 410 }]);
    relay.receiver('alerts.example.com', [{ status: 503 }, { status: 200 }]);
    const { key } = await relay.client({ failure_callback_url: 'https://alerts.example.com/1' });
    const me = relay.as(key);
    const { id } = (await me.post('/v1/tasks', video('[never]', { callback_url: HOOK }))).body;
    const page = async () => (await browser.get(`/console/tasks/${id}`)).text;
    expect(await page()).toContain('Callback, when it ends');
    await me.post(`/v1/tasks/${id}/cancel`);
    await relay.tickUntil(async () => (await page()).includes('The failure URL was told'));
    const text = await page();
    const steps = ['Attempt 1: 410 in', 'Failure URL, attempt 1: 503 in', 'Failure URL, attempt 2: 200 in'];
    const places = [...steps, 'The failure URL was told'].map((step) => text.indexOf(step));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(text).toContain('The callback was given up');
    expect(text).not.toContain('data-refresh');
    expect((await browser.submit(`/console/tasks/${id}/redeliver`)).status).toBe(303);
    expect(await page()).toContain('Next attempt');
    expect((await browser.get('/console/tasks?callback=failed')).text).not.toContain(id);
    expect((await browser.get('/console/tasks?callback=pending')).text).toContain(id);
  });

  it('sends a callback to another address, says that it is under way, and refuses one that is forbidden', async () => {
    const { relay, browser } = await start();
    relay.receiver('hooks.example.com', [{ status: 410 }]);
    const other = relay.receiver('other.example.com');
    const me = relay.as((await relay.client()).key);
    const { body } = await me.post('/v1/tasks', video('[fail]', { callback_url: HOOK }));
    await relay.tickUntil(
      async () => (await me.get(`/v1/tasks/${body.id}`)).body.callback.state === 'failed',
    );
    const path = `/console/tasks/${body.id}`;
    expect((await browser.submit(`${path}/redeliver`, { url: 'https://10.0.0.1/' })).status).toBe(422);
    expect((await browser.submit(`${path}/redeliver`, { url: 'https://other.example.com/' })).status).toBe(
      303,
    );
    const { text } = await browser.get(path);
    expect(text).toContain('The callback is being sent again');
    expect(text).not.toContain('The callback has not arrived yet');
    await relay.tick();
    expect(other.received).toHaveLength(1);
  });

  it('sends all callbacks again that were given up at a receiver', async () => {
    const { relay, browser } = await start();
    relay.receiver('hooks.example.com', [{ status: 410 }]);
    relay.receiver('gone.example.com', [{ status: 410 }]);
    const me = relay.as((await relay.client()).key);
    const post = async (callback_url: string) =>
      (await me.post('/v1/tasks', video('[fail]', { callback_url }))).body.id;
    const ids = [await post(HOOK), await post('https://gone.example.com/')];
    const states = async () =>
      await Promise.all(ids.map(async (id) => (await me.get(`/v1/tasks/${id}`)).body.callback.state));
    await relay.tickUntil(async () => (await states()).every((state) => state === 'failed'));
    const list = await browser.get('/console/tasks?callback=failed&host=gone.example.com');
    expect(list.text).toContain('Send all again');
    expect((await browser.get('/console/tasks')).text).not.toContain('Send all again');
    const overview = (await browser.get('/console')).text;
    expect(overview).toContain('A callback to gone.example.com was given up');
    expect(overview).toContain('A callback to hooks.example.com was given up');
    expect(overview).toContain('href="/console/tasks?callback=failed&amp;host=gone.example.com"');
    expect(overview).toMatch(/Of test\. Each task says why\./);
    await browser.submit('/console/tasks/redeliver-failed', { host: 'gone.example.com' });
    expect(await states()).toEqual(['failed', 'pending']);
    expect((await browser.get('/console/audit')).text).toContain('sent again: 1, to gone.example.com');
  });

  it('keeps the way around on a page that is not there', async () => {
    const { browser } = await start();
    const { status, text } = await browser.get('/console/nowhere');
    expect([status, text]).toEqual([404, expect.stringContaining('aria-label="Console"')]);
    expect((await browser.get('/console/tasks/task_0')).text).toContain('Signed in as');
  });

  it('is found by the receiver of its callback, and by when it was accepted', async () => {
    const { relay, browser } = await start();
    const me = relay.as((await relay.client()).key);
    const post = async (callback_url: string) =>
      (await me.post('/v1/tasks', video('[never]', { callback_url }))).body.id;
    const first = await post(HOOK);
    relay.clock.advance(3_600_000);
    const second = await post('https://other.example.com/');
    const found = async (query: string) => {
      const { text } = await browser.get(`/console/tasks?${query}`);
      return [first, second].filter((id) => text.includes(id));
    };
    expect(await found('host=other.example.com')).toEqual([second]);
    expect(await found('since=2026-11-22T15:30')).toEqual([second]);
    expect(await found('until=2026-11-22T15:30')).toEqual([first]);
    expect(await found('host=nowhere.example.com')).toEqual([]);
  });

  it('cancels a task, and sends a callback again', async () => {
    const { relay, browser } = await start();
    relay.receiver('hooks.example.com');
    const me = relay.as((await relay.client()).key);
    const { body } = await me.post('/v1/tasks', video('[never]', { callback_url: HOOK }));
    expect((await browser.submit(`/console/tasks/${body.id}/redeliver`)).status).toBe(409);
    expect((await browser.submit(`/console/tasks/${body.id}/cancel`)).status).toBe(303);
    expect((await me.get(`/v1/tasks/${body.id}`)).body.state).toBe('canceled');
    expect((await browser.submit(`/console/tasks/${body.id}/cancel`)).status).toBe(409);
    await relay.tick();
    expect((await browser.submit(`/console/tasks/${body.id}/redeliver`)).status).toBe(303);
    expect((await me.get(`/v1/tasks/${body.id}`)).body.callback.state).toBe('pending');
  });
});

describe('the form', () => {
  it('says a fault in its own words, at the field, which has the focus', async () => {
    const { relay, browser } = await start();
    const { id } = await relay.client();
    const fields = {
      client: id,
      model: 'seedance-2.0-reference-to-video',
      'input.prompt': 'x',
      'input.reference_image_urls': 'https://cdn.example.com/1.png\nhttps://www.dropbox.com/s/x/a.png?dl=0',
      metadata: 'row = 42\nsheet',
    };
    const { status, text } = await browser.submit('/console/try', fields);
    expect(status).toBe(422);
    expect(text).toMatch(
      /<a href="#input.reference_image_urls">Reference image URLs<\/a>, line 2: This is a page of Dropbox/,
    );
    expect(text).toMatch(/<textarea[^>]*id="input.reference_image_urls"[^>]*autofocus/);
    expect(text).toContain('has a line without &quot;=&quot;: sheet');
    expect((await relay.admin().get('/admin/tasks')).body.data).toEqual([]);
  });

  it('asks once for the shape, and takes one of its own', async () => {
    const { relay, browser } = await start();
    const { id } = await relay.client();
    const model = 'seedance-2.0-text-to-video';
    const shape = { 'input.ratio': 'other', 'input.ratio.other': '21:9' };
    const { status } = await browser.submit('/console/try', {
      client: id,
      model,
      'input.prompt': 'x',
      ...shape,
    });
    expect(status).toBe(303);
    const [task] = (await relay.admin().get('/admin/tasks')).body.data;
    expect(task.input).toEqual({ prompt: 'x', ratio: '21:9' });
    const again = await browser.get(`/console/try?task=${task.id}`);
    expect(again.text).toMatch(/<option value="other" selected="">/);
    expect(again.text).toContain('value="21:9"');
  });

  it('shows the price of an image as soon as its model is chosen', async () => {
    const { relay, browser } = await start();
    await relay.client();
    const { text } = await browser.get('/console/try?model=gpt-image-2-text-to-image');
    expect(text).toMatch(/id="credits">\d/);
    expect(text).not.toContain('720p');
  });

  it('chooses no customer for the operator', async () => {
    const { relay, browser } = await start();
    await relay.client();
    await relay.client();
    const { text } = await browser.get('/console/try');
    expect(text).toMatch(/<select name="client" id="client" required=""><option value="">Choose a client/);
    const posted = await browser.submit('/console/try', { 'input.prompt': 'x' });
    expect([posted.status, posted.text]).toEqual([422, expect.stringContaining('whose task is it?')]);
  });

  it('is filled in from a task, but from nobody else’s', async () => {
    const { relay, browser } = await start();
    const { id, key } = await relay.client();
    const { body } = await relay
      .as(key)
      .post('/v1/tasks', video('a fox at dawn', { metadata: { row: '42' } }));
    const { text } = await browser.get(`/console/try?task=${body.id}`);
    expect(text).toContain('a fox at dawn');
    expect(text).toContain('row = 42');
    expect(text).toContain(`<option value="${id}"`);
    const other = browserOf(relay);
    await other.signIn((await relay.client()).key);
    expect((await other.get(`/console/try?task=${body.id}`)).status).toBe(404);
  });

  it('says what is at fault, keeps what was typed, and posts nothing', async () => {
    const { relay, browser } = await start();
    const { id } = await relay.client();
    const form = {
      client: id,
      model: 'seedance-2.0-text-to-video',
      'input.prompt': 'my fox',
      'input.duration': 'long',
    };
    const { status, text } = await browser.submit('/console/try', form);
    expect(status).toBe(422);
    expect(text).toContain('input.duration');
    expect(text).toContain('my fox');
    expect((await relay.admin().get('/admin/tasks')).body.data).toEqual([]);
  });

  it('refuses a callback URL of Ringback itself that was not made here', async () => {
    const { relay, browser } = await start();
    const { id } = await relay.client();
    const form = {
      client: id,
      'input.prompt': 'x',
      callback: 'url',
      callback_url: 'https://relay.test/console/inbox/v1.a.b',
    };
    const { status, text } = await browser.submit('/console/try', form);
    expect(status).toBe(422);
    expect(text).toContain('leads back to this Ringback');
  });

  it('knows the price as the fields are filled in', async () => {
    const { browser } = await start();
    const price = async (fields: Record<string, string>) =>
      /id="credits">([\d,]+)</.exec((await browser.submit('/console/try/preview', fields)).text)?.[1] ?? null;
    const model = 'seedance-2.0-reference-to-video';
    expect(await price({ model, 'input.resolution': '720p', 'input.duration': '5' })).toBe('400');
    expect(await price({ model, 'input.resolution': '1080p', 'input.duration': '12.5' })).toBe('2,000');
    expect(await price({ model, 'input.resolution': '1080p' })).toBeNull();
  });

  it('has a field for whatever each model takes', async () => {
    const { relay, browser } = await start();
    const { key } = await relay.client();
    const { body } = await relay.as(key).get('/v1/models');
    for (const { id, input_schema } of body.data) {
      const { text } = await browser.get(`/console/try?model=${id}`);
      // Of two spellings of the shape one is asked for.
      const names = Object.keys(input_schema.properties);
      const asked = names.filter((name) => name !== 'aspect_ratio' || !names.includes('ratio'));
      for (const name of asked) expect(text).toContain(`name="input.${name}"`);
      expect(text.match(/"input\.(aspect_)?ratio"/g)).not.toBeNull();
    }
  });
});

describe('clients', () => {
  it('are made with a key that is shown once', async () => {
    const { relay, browser } = await start();
    const made = await browser.submit('/console/clients', {
      name: 'make',
      max_active_tasks: '3',
      callback_jwt: 'true',
    });
    const key = /rb_[\w-]{43}/.exec(made.text)?.[0] ?? '';
    expect(made.text).toContain('whsec_');
    expect((await relay.as(key).get('/v1/client')).body).toMatchObject({ name: 'make', max_active_tasks: 3 });
    const { id } = (await relay.as(key).get('/v1/client')).body;
    for (const path of ['/console/clients', `/console/clients/${id}`]) {
      const { text } = await browser.get(path);
      expect(text).not.toContain(key);
      expect(text).not.toContain('whsec_');
    }
  });

  it('are refused with the field at fault, and what was typed stays', async () => {
    const { relay, browser } = await start();
    const form = { name: 'make', daily_credit_limit: 'lots', failure_callback_url: 'http://127.0.0.1/' };
    const { status, text } = await browser.submit('/console/clients', form);
    expect(status).toBe(422);
    expect(text).toContain('must be a whole number');
    expect(text).toContain('value="lots"');
    expect((await relay.admin().get('/admin/clients')).body.data).toEqual([]);
  });

  it('are changed, given a new key and a new secret, and revoked', async () => {
    const { relay, browser } = await start();
    const { id, key } = await relay.client({ max_active_tasks: 3, failure_callback_url: HOOK });
    const read = async () => (await relay.admin().get(`/admin/clients/${id}`)).body;
    expect(
      (await browser.submit(`/console/clients/${id}`, { name: 'sales', daily_credit_limit: '5000' })).status,
    ).toBe(303);
    expect(await read()).toMatchObject({
      name: 'sales',
      daily_credit_limit: 5_000,
      max_active_tasks: null,
      failure_callback_url: null,
    });
    const newKey =
      /rb_[\w-]{43}/.exec((await browser.submit(`/console/clients/${id}/rotate-key`)).text)?.[0] ?? '';
    expect((await relay.as(key).get('/v1/client')).status).toBe(401);
    expect((await relay.as(newKey).get('/v1/client')).status).toBe(200);
    expect((await browser.submit(`/console/clients/${id}/rotate-secret`)).text).toContain('whsec_');
    expect((await browser.submit(`/console/clients/${id}/revoke`)).status).toBe(303);
    expect((await relay.as(newKey).get('/v1/client')).status).toBe(401);
    expect((await browser.submit(`/console/clients/${id}/rotate-key`)).status).toBe(409);
  });
});

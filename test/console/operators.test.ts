import { describe, expect, it } from 'vitest';

import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';

const EXAMPLE = `curl https://upstream.example/api/v1/jobs/createTask -H "Authorization: Bearer X" -d '{
  "model": "nova-1",
  "input": {
    "prompt": "a fox", "duration": 5, "strength": 0.5, "loop": true, "start_url": "https://a.example/1.png",
    "images": ["https://a.example/1.png"], "camera": {"pan": 1}
  }
}'`;

const FORM = {
  id: 'nova-1',
  title: 'Nova 1',
  media: 'video',
  price: 'per_second',
  rates: '720p = 80\n1080p = 160',
  schema: JSON.stringify({
    properties: {
      prompt: { type: 'string', minLength: 1 },
      resolution: { type: 'string', enum: ['720p', '1080p'] },
      duration: { type: 'integer', maximum: 15 },
      seeds: { type: 'array', items: { type: 'integer' } },
    },
    required: ['prompt'],
  }),
  action: 'save',
};

async function start() {
  const relay = await startRelay({ timeScale: 0 });
  const browser = browserOf(relay);
  await browser.signIn();
  return { relay, browser };
}

/** What stands in a text field of a page. */
function textOf(page: string, name: string): string {
  const text = new RegExp(`<textarea[^>]* name="${name}"[^>]*>([^<]*)<`).exec(page)?.[1] ?? '';
  return text.replaceAll('&quot;', '"');
}

describe('a model that the operator adds in the console', () => {
  it('goes from the form over the form of a task to a video, with its price as you type', async () => {
    const { relay, browser } = await start();
    const { id: client, key } = await relay.client();
    expect((await browser.submit('/console/new-model', FORM)).status).toBe(303);
    expect((await browser.get('/console/models')).text).toContain('80 to 160 a second');

    const { text: form } = await browser.get('/console/try?model=nova-1');
    expect(form).toContain('<option value="nova-1" selected="">');
    expect(form).toContain('name="input.seeds"');
    const task = {
      model: 'nova-1',
      client,
      callback: 'none',
      'input.prompt': 'a fox',
      'input.resolution': '720p',
      'input.duration': '5',
      'input.seeds': '1\n2',
    };
    const { text: preview } = await browser.submit('/console/try/preview', task);
    expect(preview).toContain('id="credits">400<');
    expect(preview).toContain('For each second: 80 at 720p, 160 at 1080p.');
    expect(preview).toContain('&quot;nova-1&quot;');
    const posted = await browser.submit('/console/try', task);
    expect(posted.status).toBe(303);
    await relay.tickUntil(
      async () => (await relay.as(key).get('/v1/tasks')).body.data[0].state === 'succeeded',
    );
    const page = await browser.get(posted.headers.get('location') ?? '');
    expect(page.text).toContain('<video');
    expect((await relay.as(key).get('/v1/tasks')).body.data[0].input.seeds).toEqual([1, 2]);
  });

  it('begins with upstream’s example, from which a schema is drafted', async () => {
    const { browser } = await start();
    const { text } = await browser.submit('/console/new-model', {
      ...FORM,
      id: '',
      example: EXAMPLE,
      action: 'draft',
    });
    expect(text).toContain('name="id" value="nova-1"');
    expect(text).toContain('Left out, because no field can describe them: camera.');
    expect(JSON.parse(textOf(text, 'schema'))).toEqual({
      type: 'object',
      properties: {
        prompt: { type: 'string', minLength: 1, maxLength: 20_000 },
        duration: { type: 'integer' },
        strength: { type: 'number' },
        loop: { type: 'boolean' },
        start_url: { type: 'string', format: 'uri' },
        images: { type: 'array', items: { type: 'string', format: 'uri' } },
      },
      required: ['prompt'],
    });
    const none = await browser.submit('/console/new-model', {
      ...FORM,
      example: 'no braces',
      action: 'draft',
    });
    expect(none.text).toContain('The example holds no JSON object.');
  });

  it('shows its form before it is saved, or what keeps it from being one', async () => {
    const { browser } = await start();
    expect((await browser.submit('/console/new-model/preview', { ...FORM, title: '' })).text).toContain(
      'name="input.duration"',
    );
    expect((await browser.submit('/console/new-model/preview', { ...FORM, schema: '{' })).text).toContain(
      'is no JSON',
    );
    const hostile = { ...FORM, schema: '{"properties":{"a":{"type":"string","pattern":"(a+)+"}}}' };
    expect((await browser.submit('/console/new-model/preview', hostile)).text).toContain(
      'input_schema.properties.a.pattern',
    );
  });

  it.each(['new', 'preview'])('may be called %s, and is changed there like any other', async (id) => {
    const { browser } = await start();
    expect((await browser.submit('/console/new-model', { ...FORM, id })).status).toBe(303);
    expect((await browser.get(`/console/models/${id}`)).text).toContain('Nova 1');
    expect((await browser.submit(`/console/models/${id}`, { ...FORM, id, title: 'Another' })).status).toBe(
      303,
    );
    expect((await browser.get('/console/models')).text).toContain('Another');
  });

  it('is changed, disabled, enabled and deleted there; what is wrong is said, and the form keeps what was typed', async () => {
    const { relay, browser } = await start();
    await browser.submit('/console/new-model', FORM);
    expect((await browser.submit('/console/new-model', FORM)).text).toContain('is the id of another model');
    const wrong = await browser.submit('/console/models/nova-1', {
      ...FORM,
      title: 'Nova 1.1',
      rates: '720p = free',
    });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('value="Nova 1.1"');
    expect(wrong.text).toContain('credits.per_second.720p');
    await browser.submit('/console/models/nova-1', { ...FORM, price: 'flat', rates: '5' });
    const shown = async () => (await relay.admin().get('/admin/models')).body.data.at(-1);
    expect(await shown()).toMatchObject({ id: 'nova-1', credits: { flat: 5 }, disabled: false });
    await browser.submit('/console/models/nova-1/disable');
    expect(await shown()).toMatchObject({ disabled: true });
    await browser.submit('/console/models/nova-1/enable');
    expect((await browser.get('/console/models/nova-1')).text).toContain('<option value="flat" selected="">');
    await browser.submit('/console/models/nova-1/delete');
    expect((await browser.get('/console/models/nova-1')).status).toBe(404);
  });
});

describe('the usage page', () => {
  it('shows each client and model to the operator, as a chart, a table and CSV', async () => {
    const { relay, browser } = await start();
    const [a, b] = [await relay.client({ name: 'zapier' }), await relay.client({ name: 'n8n' })];
    await relay.as(a.key).post('/v1/tasks', video());
    await relay.as(b.key).post('/v1/tasks', video());
    const { text } = await browser.get('/console/usage?days=30');
    expect(text).toContain('Credits a day from 2026-10-24 to 2026-11-22: 800 in all.');
    for (const name of ['zapier', 'n8n']) expect(text).toContain(name);
    expect((await browser.get(`/console/usage?days=7&client=${a.id}`)).text).toContain('400 in all');
    const csv = await browser.get('/console/usage.csv?days=30');
    expect(csv.headers.get('content-disposition')).toBe(
      'attachment; filename="usage-2026-10-24-2026-11-22.csv"',
    );
    expect(csv.text.split('\r\n')[0]).toBe(
      'day,client_id,client_name,model,tasks,succeeded,failed,canceled,credits',
    );
  });

  it('shows a client its own, whatever the address says', async () => {
    const { relay } = await start();
    const [a, b] = [await relay.client({ name: 'zapier' }), await relay.client({ name: 'n8n' })];
    await relay.as(a.key).post('/v1/tasks', video());
    const client = browserOf(relay);
    await client.signIn(b.key);
    for (const path of [`/console/usage?client=${a.id}`, `/console/usage.csv?client=${a.id}`]) {
      const { status, text } = await client.get(path);
      expect(status).toBe(200);
      expect(text).not.toContain(video().model);
      expect(text).not.toContain('zapier');
    }
  });
});

describe('the pages of the operator', () => {
  it.each(['/console/models', '/console/new-model', '/console/audit'])(
    '%s is none for a client',
    async (path) => {
      const { relay, browser } = await start();
      expect((await browser.get(path)).status).toBe(200);
      const client = browserOf(relay);
      await client.signIn((await relay.client()).key);
      expect((await client.get(path)).status).toBe(404);
      expect((await client.get('/console')).text).not.toContain(path);
    },
  );

  it('the audit log says what was done, to whom and when', async () => {
    const { relay, browser } = await start();
    await relay.client({ name: 'zap<i>er' });
    const { text } = await browser.get('/console/audit');
    expect(text).toContain('A client was made');
    expect(text).toContain('zap&lt;i&gt;er');
    expect(text).toContain('Somebody signed in to the console as the operator');
  });
});

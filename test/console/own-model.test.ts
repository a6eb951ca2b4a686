import { expect, it } from 'vitest';
import { browserOf } from '../support/browser.ts';
import { startRelay } from '../support/relay.ts';

const MODEL = {
  title: 'Nova 1',
  media: 'video',
  input_schema: {
    type: 'object',
    properties: {
      prompt: { type: 'string' },
      ratio: { type: 'string' },
      aspect_ratio: { type: 'string' },
      seeds: { type: 'array', items: { type: 'integer' } },
      start_url: { type: 'string', format: 'uri' },
      loud: { type: 'boolean' },
    },
    required: ['prompt'],
  },
  credits: { flat: 5 },
};

async function start() {
  const relay = await startRelay();
  const { key } = await relay.client();
  await relay.admin().put('/admin/models/nova-1', MODEL);
  const form = async (body: string) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const answer = await relay.request('/v1/tasks', { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  };
  const browser = browserOf(relay);
  await browser.signIn(key);
  return { relay, key, form, browser };
}

it("a model of the operator's is posted as a form by the types of its own fields", async () => {
  const { relay, key, form } = await start();
  // Upstream does not know it, and is not asked.
  await relay.fault({ endpoint: 'createTask', kind: 'status', status: 503 });
  const posted = await form('model=nova-1&prompt=a&seeds=7&seeds=8&loud=true');
  expect(posted.status).toBe(202);
  expect(JSON.parse(posted.text)).toMatchObject({ input: { prompt: 'a', seeds: [7, 8], loud: true } });
  const { text } = await form('model=nova-1&prompt=a&seed=7&loud=maybe');
  expect(text).toContain('did you mean seeds?');
  expect(text).toContain('input.loud');
  const unknown = await relay.as(key).post('/v1/tasks', { model: 'nova', input: { seeds: 7 } });
  expect(unknown.body.errors).toEqual([
    { path: 'model', message: expect.stringContaining('nova-1') },
    { path: 'input.seeds', message: 'must be a list of whole numbers' },
  ]);
});

it("the form of a model of the operator's asks once for the shape, and refuses a viewer's page", async () => {
  const { browser } = await start();
  const { text } = await browser.get('/console/try?model=nova-1');
  expect(text).toContain('name="input.ratio"');
  expect(text).not.toContain('name="input.aspect_ratio"');
  const typed = { model: 'nova-1', callback: 'none', 'input.prompt': 'a', 'input.ratio': '9:16' };
  const shown = await browser.submit('/console/try/preview', { ...typed, 'input.seeds': '7\n8' });
  expect(shown.text).toContain('<b id="credits">5</b>');
  expect(shown.text).toContain('&quot;ratio&quot;: &quot;9:16&quot;');
  const refused = await browser.submit('/console/try', {
    ...typed,
    'input.start_url': 'https://drive.google.com/file/d/1/view',
  });
  expect(refused.status).toBe(422);
  expect(refused.text).toContain('href="#input.start_url"');
});

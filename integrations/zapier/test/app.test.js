import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import App from '../index.js';
import { ask, authData, receiver, run, taskAtEnd } from './relay.js';

const MODEL = 'seedance-2.0-text-to-video';
const FOX = { model: MODEL, input_prompt: 'a fox', input_resolution: '720p', input_duration: 5 };
const { create_task } = App.creates;
const { task_finished, callback_failed, list_models } = App.triggers;

const open = [];
after(() => open.forEach((one) => one.close()));
async function listening() {
  const one = await receiver();
  open.push(one);
  return one;
}

/** What the step answers at first. */
async function create(more = {}) {
  return await run(create_task.operation.perform, { authData, inputData: { ...FOX, ...more } });
}

/** The callback of a task, as it comes to Zapier. */
async function callbackOf(prompt) {
  const hook = await listening();
  const input = { prompt, resolution: '720p', duration: 5 };
  await ask('/v1/tasks', { method: 'POST', body: { model: MODEL, input, callback_url: hook.url } });
  return await hook.first();
}

describe('an account', () => {
  it('is named after its client', async () => {
    assert.equal((await run(App.authentication.test, { authData })).name, 'integration');
  });

  it('with a wrong key is told so', async () => {
    await assert.rejects(
      run(App.authentication.test, { authData: { ...authData, key: 'rb_x' } }),
      /Bearer rb_/,
    );
  });

  it('hides its secrets', () => {
    const shown = App.authentication.fields.filter(({ type }) => type !== 'password').map(({ key }) => key);
    assert.deepEqual(shown, ['url']);
  });
});

describe('Create Video or Image', () => {
  it('offers the models, and the fields of the one that was chosen', async () => {
    const models = await run(list_models.operation.perform, { authData });
    assert.ok(models.some(({ id, title }) => id === MODEL && title.length > 0));
    const [, fields] = create_task.operation.inputFields;
    const found = await run(fields, { authData, inputData: { model: 'seedance-2.0-image-to-video' } });
    const byKey = Object.fromEntries(found.map((field) => [field.key, field]));
    assert.equal(byKey.input_prompt.type, 'text');
    assert.deepEqual(byKey.input_resolution.choices, ['480p', '720p', '1080p']);
    assert.deepEqual([byKey.input_image_urls.list, byKey.input_image_urls.required], [true, true]);
    assert.deepEqual([byKey.input_generate_audio.type, byKey.input_duration.type], ['boolean', 'number']);
    assert.deepEqual(await run(fields, { authData, inputData: {} }), []);
  });

  it('posts what was entered, with an address of its own, and waits', async () => {
    const inputData = {
      ...FOX,
      input_aspect_ratio: '',
      input_generate_audio: false,
      metadata: { row: '42' },
    };
    const task = await run(create_task.operation.perform, { authData, inputData });
    const stored = (await ask(`/v1/tasks/${task.id}`)).body;
    assert.deepEqual(stored.input, {
      prompt: 'a fox',
      resolution: '720p',
      duration: 5,
      generate_audio: false,
    });
    assert.deepEqual(stored.metadata, { row: '42' });
    assert.match(stored.callback.url, /^https:\/\/.*zapier/);
  });
});

describe('The end of Create Video or Image', () => {
  it('goes on with the link', async () => {
    const { cleanedRequest } = await callbackOf('a fox');
    const ended = await run(create_task.operation.performResume, {
      authData,
      inputData: FOX,
      outputData: { id: cleanedRequest.id },
      cleanedRequest,
    });
    assert.equal(ended.state, 'succeeded');
    assert.match(ended.result_url, /^http/);
    for (const { key } of create_task.operation.outputFields) assert.ok(key.replace('[]', '') in ended, key);
  });

  it('stops with the reason where the task fails, unless it shall go on', async () => {
    const { cleanedRequest } = await callbackOf('[fail]');
    const bundle = { authData, outputData: { id: cleanedRequest.id }, cleanedRequest };
    await assert.rejects(
      run(create_task.operation.performResume, { ...bundle, inputData: FOX }),
      /generation failed/,
    );
    const inputData = { ...FOX, on_failure: 'continue' };
    assert.equal((await run(create_task.operation.performResume, { ...bundle, inputData })).state, 'failed');
  });

  it('believes Ringback, and nobody else who calls its address', async () => {
    const inputData = { ...FOX, input_prompt: 'a fox [slow:600]' };
    const outputData = await run(create_task.operation.perform, { authData, inputData });
    const cleanedRequest = { id: outputData.id, state: 'succeeded', result_url: 'https://evil.example/' };
    await assert.rejects(
      run(create_task.operation.performResume, { authData, inputData, outputData, cleanedRequest }),
      /Somebody else called: the task is still/,
    );
  });

  it('has its result kept, unless it shall not be', async () => {
    const kept = await taskAtEnd((await create()).id);
    assert.notDeepEqual(kept.result_urls, kept.source_urls);
    const linked = await taskAtEnd((await create({ keep_result: false })).id);
    assert.deepEqual(linked.result_urls, linked.source_urls);
  });

  it('is told which field is wrong', async () => {
    const inputData = { ...FOX, input_duration: -1 };
    await assert.rejects(run(create_task.operation.perform, { authData, inputData }), /input\.duration/);
  });
});

describe('Find Task', () => {
  it('finds one by its id, and nothing where there is none', async () => {
    const { perform } = App.searches.find_task.operation;
    const { id } = await run(create_task.operation.perform, { authData, inputData: FOX });
    assert.equal((await run(perform, { authData, inputData: { id } }))[0].id, id);
    assert.deepEqual(await run(perform, { authData, inputData: { id: 'task_0' } }), []);
  });
});

describe('the triggers', () => {
  it('take what Ringback has signed, and nothing else', async () => {
    const came = await callbackOf('a fox');
    const [event] = await run(task_finished.operation.perform, { authData, ...came });
    assert.equal(event.type, 'task.succeeded');
    const forged = {
      ...came,
      rawRequest: { ...came.rawRequest, content: came.rawRequest.content.replace('fox', 'ox') + ' ' },
    };
    await assert.rejects(
      run(task_finished.operation.perform, { authData, ...forged }),
      /signature does not fit/,
    );
    await assert.rejects(
      run(task_finished.operation.perform, { authData, ...came, rawRequest: {} }),
      /header is missing/,
    );
    const without = { ...authData, signing_secret: '' };
    assert.equal((await run(task_finished.operation.perform, { authData: without, ...forged })).length, 1);
  });

  it('subscribe, are told, show samples, and unsubscribe', async () => {
    const hook = await listening();
    const inputData = { events: ['task.succeeded'], models: [MODEL] };
    const bundle = { authData, inputData, targetUrl: hook.url };
    const subscribeData = await run(task_finished.operation.performSubscribe, bundle);
    assert.deepEqual([subscribeData.events, subscribeData.models], [['task.succeeded'], [MODEL]]);
    const { id } = await run(create_task.operation.perform, { authData, inputData: FOX });
    const came = await hook.first();
    const [event] = await run(task_finished.operation.perform, { authData, ...came });
    assert.deepEqual([event.id, event.type], [id, 'task.succeeded']);
    const samples = await run(task_finished.operation.performList, bundle);
    assert.ok(samples.length > 0 && samples.every(({ type }) => type === 'task.succeeded'));
    assert.deepEqual(Object.keys(event).toSorted(), Object.keys(task_finished.operation.sample).toSorted());
    for (let i = 0; i < 2; i++)
      await run(task_finished.operation.performUnsubscribe, { authData, subscribeData });
    assert.deepEqual((await ask('/v1/subscriptions')).body.data, []);
    assert.deepEqual(await run(callback_failed.operation.performList, { authData, inputData: {} }), []);
  });
});

import { describe, expect, it } from 'vitest';

import { startRelay, video } from '../support/relay.ts';

async function start() {
  const relay = await startRelay();
  return relay.as((await relay.client()).key);
}

describe('the models', () => {
  it('are told with what each takes and costs', async () => {
    const { status, body } = await (await start()).get('/v1/models');
    expect(status).toBe(200);
    expect(body.data).toHaveLength(7);
    const [seed] = body.data;
    expect(seed).toMatchObject({
      id: 'seedance-2.0-reference-to-video',
      credits: { per: 'second', by_resolution: { '480p': 40, '720p': 80, '1080p': 160 } },
      input_schema: { type: 'object', additionalProperties: false },
    });
    expect(Object.keys(seed.input_schema.properties).toSorted()).toEqual([
      'aspect_ratio',
      'duration',
      'generate_audio',
      'nsfw_checker',
      'prompt',
      'ratio',
      'reference_audio_urls',
      'reference_image_urls',
      'reference_video_urls',
      'resolution',
      'web_search',
    ]);
  });

  it('whose price upstream does not publish have none', async () => {
    const { body } = await (await start()).get('/v1/models');
    const free = body.data.filter(({ credits }: { credits: unknown }) => credits === null);
    expect(free.map(({ id }: { id: string }) => id)).toEqual(['seedance-2.0-fast-text-to-video']);
  });
});

describe('an estimate', () => {
  it.each([
    ['five seconds in 720p', { resolution: '720p', duration: 5 }, 400],
    ['half a second in 1080p', { resolution: '1080p', duration: 0.5 }, 80],
    ['no resolution', { duration: 5 }, null],
    ['no duration', { resolution: '720p' }, null],
    ['null for the duration', { resolution: '720p', duration: null }, null],
    ['nothing', {}, null],
  ])('of %s', async (_, input, credits) => {
    const answer = await (await start()).post('/v1/estimates', { model: video().model, input });
    expect(answer).toMatchObject({ status: 200, body: { credits } });
  });

  it.each([
    ['an unknown model', { model: 'sora', input: {} }, 'model'],
    ['an unknown field', { ...video(), callback_url: 'https://a.example' }, 'callback_url'],
    ['an unknown field inside the input', { ...video(), input: { seconds: 5 } }, 'input.seconds'],
    ['a duration of 0', { ...video(), input: { duration: 0 } }, 'input.duration'],
  ])('is refused for %s', async (_, body, path) => {
    const answer = await (await start()).post('/v1/estimates', body);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });

  it('is what the task then says', async () => {
    const me = await start();
    const { body: estimate } = await me.post('/v1/estimates', video());
    const { body: task } = await me.post('/v1/tasks', video());
    expect(task.estimated_credits).toBe(estimate.credits);
  });
});

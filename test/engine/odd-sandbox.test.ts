import { describe, expect, it } from 'vitest';
import { RESULT_SHAPES } from '../../sandbox/upstream/result-shapes.ts';
import { startRelay, video } from '../support/relay.ts';

/** Posts a task with this prompt, and lets crons follow it for some minutes. */
async function ended(prompt: string) {
  const relay = await startRelay({ timeScale: 0.05 });
  const { key } = await relay.client();
  const { body } = await relay.as(key).post('/v1/tasks', video(prompt));
  const task = async () => (await relay.as(key).get(`/v1/tasks/${body.id}`)).body;
  await relay.tickUntil(async () => !['queued', 'running'].includes((await task()).state), 5);
  const upstreamId = relay.simulator.snapshot().tasks[0]?.taskId;
  return { task: await task(), link: `https://upstream.test/files/${upstreamId}/result-1.mp4` };
}

describe('each way in which the sandbox misbehaves', () => {
  it.each(RESULT_SHAPES)('leaves the link where it is, with a result in the shape %s', async (shape) => {
    const { task, link } = await ended(`a fox [shape:${shape}]`);
    expect(task).toMatchObject({
      state: 'succeeded',
      result_url: link,
      result_urls: [link],
      source_urls: [link],
    });
  });

  it.each([
    ['[late-link:40]', 'succeeded', 'null: null'],
    ['[number-id]', 'succeeded', 'null: null'],
    ['[end-state:SUCCESS]', 'succeeded', 'null: null'],
    ['[end-state:completed]', 'succeeded', 'null: null'],
    ['[no-link:the filter took it]', 'failed', 'no_result: the filter took it'],
    ['[fail:400:too loud] [words:object]', 'failed', 'upstream_failed: too loud'],
    ['[fail:400:too loud] [words:list]', 'failed', 'upstream_failed: too loud'],
    ['[fail:400:too loud] [words:elsewhere]', 'failed', 'upstream_failed: too loud'],
    ['[fail:400] [words:number]', 'failed', 'upstream_failed: 400'],
    [
      '[fail] [words:empty] [end-state:FAILED]',
      'failed',
      'upstream_failed: Upstream says that the task failed, and gives no reason.',
    ],
  ])('%s comes to the end that it means: %s', async (prompt, state, error) => {
    const { task, link } = await ended(prompt);
    expect(task).toMatchObject({ state, result_url: state === 'succeeded' ? link : null });
    expect(`${task.error_code}: ${task.error_message}`).toBe(error);
  });

  it.each(['zero', 'seconds', 'future', 'past', 'none'])(
    'times that are told as %s leave a duration that can be',
    async (times) => {
      const { task } = await ended(`[slow:4] [times:${times}]`);
      expect(task.duration_ms).toBeGreaterThanOrEqual(4_000);
      expect(task.duration_ms).toBeLessThan(20_000);
    },
  );
});

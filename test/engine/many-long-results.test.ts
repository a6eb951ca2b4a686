import { describe, expect, it } from 'vitest';
import { envelope, withUpstream } from '../support/odd-upstream.ts';
import { video } from '../support/relay.ts';

const MANY = 220;
/** Of 46 KB each: together ten megabytes, five times what D1 takes in one statement. */
const LOG = 'x'.repeat(46_000);
const VARS = { SUBREQUEST_BUDGET: '9000', TICK_SECONDS: '55' };

/** Tasks that run until `end` is called, and then have all ended at that instant. */
async function manyThatRun() {
  let made = 0;
  let isOver = false;
  const world = await withUpstream((path, { url }) => {
    if (path.endsWith('createTask')) return envelope({ taskId: `up-${++made}` });
    const taskId = new URL(url).searchParams.get('taskId');
    const resultJson = { resultUrls: [`https://cdn.example.com/${taskId}.mp4`], log: LOG };
    return envelope(isOver ? { taskId, state: 'success', resultJson } : { taskId, state: 'generating' });
  }, VARS);
  const receiver = world.relay.receiver('hooks.example.com');
  const ids: string[] = [];
  for (let row = 0; row < MANY; row++) {
    const callback = { callback_url: `https://hooks.example.com/${row}` };
    const { body } = await world.ask('POST', '/v1/tasks', video('a fox', callback));
    ids.push(body.id);
  }
  const end = () => {
    isOver = true;
  };
  /** How many addresses were called, and how often all of them. */
  const told = () => ({
    addresses: new Set(receiver.received.map(({ url }) => url)).size,
    callbacks: receiver.received.length,
  });
  return { ...world, ids, end, told };
}

describe('220 results of 46 KB each', () => {
  it('that come at one instant are all told, and all told again when that is asked for', async () => {
    const { tick, end, told, ids, ask } = await manyThatRun();
    await tick();
    expect(told()).toEqual({ addresses: 0, callbacks: 0 });
    end();
    await tick();
    await tick();
    expect(told()).toEqual({ addresses: MANY, callbacks: MANY });

    for (const id of ids) expect((await ask('POST', `/v1/tasks/${id}/redeliver`)).status).toBe(202);
    for (let minutes = 0; minutes < 3; minutes++) await tick();
    expect(told()).toEqual({ addresses: MANY, callbacks: 2 * MANY });
  }, 120_000);
});

import { describe, expect, it } from 'vitest';

import { createTaskSearch } from '../../src/store/task-search.ts';
import type { TaskQuery } from '../../src/store/task-search.ts';
import { Meter, meteredDb } from '../../bench/workers/meter.ts';
import { env } from 'cloudflare:workers';
import { Effects } from '../support/effects.ts';
import { browserOf } from '../support/browser.ts';
import { startRelay, video } from '../support/relay.ts';

const ANY: TaskQuery = {
  clientId: null,
  state: null,
  callbackState: null,
  model: null,
  text: null,
  cursor: null,
};

/** Rows that a search reads. */
async function readBy(query: Partial<TaskQuery>): Promise<number> {
  const meter = new Meter();
  await createTaskSearch(meteredDb(env.DB, meter, new Effects()))({ ...ANY, ...query });
  return meter.total().read;
}

describe('tasks whose SEARCH_METADATA_KEY has a value', () => {
  it('are found by index, of all clients or of one, however many others there are', async () => {
    const relay = await startRelay({ vars: { SEARCH_METADATA_KEY: 'order' } });
    const [a, b] = [await relay.client(), await relay.client()];
    const wanted = await relay.as(a.key).post('/v1/tasks', video('x', { metadata: { order: 'A-1' } }));
    await relay.as(b.key).post('/v1/tasks', video('x', { metadata: { order: 'A-1', row: 1 } }));
    for (let i = 0; i < 60; i++) {
      relay.clock.advance(1);
      await relay.as(a.key).post('/v1/tasks', video('x', { metadata: { order: `B-${i}` } }));
    }
    const operator = browserOf(relay);
    await operator.signIn();
    const { text } = await operator.get('/console/tasks?q=A-1');
    expect(text.match(/class="row-link"/g)).toHaveLength(2);
    const client = browserOf(relay);
    await client.signIn(a.key);
    const own = await client.get('/console/tasks?q=A-1');
    expect(own.text.match(/class="row-link"/g)).toHaveLength(1);
    expect(own.text).toContain(wanted.body.id);
    expect(await readBy({ text: 'A-1' })).toBeLessThan(20);
  });

  it('are found as any other metadata where the key is another, or part of a value is looked for', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    const { body } = await relay.as(key).post('/v1/tasks', video('x', { metadata: { order: 'A-1' } }));
    const operator = browserOf(relay);
    await operator.signIn();
    for (const text of ['A-1', 'a-'])
      expect((await operator.get(`/console/tasks?q=${text}`)).text).toContain(body.id);
  });
});

describe('a page of the list without filters', () => {
  it('reads the tasks that it shows, and not those behind them', async () => {
    const relay = await startRelay();
    const { key } = await relay.client();
    for (let i = 0; i < 3; i++) await relay.as(key).post('/v1/tasks', video());
    expect(await readBy({})).toBeLessThan(15);
  });
});

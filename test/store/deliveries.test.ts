import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { redelivered } from '../../src/domain/delivery.ts';
import { T0 } from '../domain/sample-task.ts';
import { startRelay } from '../support/relay.ts';
import { deliveries, emptied } from './rows.ts';

beforeEach(async () => {
  await startRelay();
  await env.DB.batch([
    ...emptied(),
    env.DB.prepare(
      `insert into deliveries (id, task_id, client_id, kind, event, url, host, created_at, occurred_at, revision, due_at, state)
       values ('msg_1', 'task_1', 'a', 'callback', 'task.succeeded', 'https://x.example.com/', 'x.example.com', ?1, ?1, 3, ?1, 'pending')`,
    ).bind(T0),
  ]);
});

async function read() {
  const delivery = await deliveries().get('msg_1', null);
  if (delivery === null) throw new Error('it is gone');
  return delivery;
}

describe('a redelivery', () => {
  it('leaves what is logged meanwhile, by an attempt that is under way', async () => {
    const before = await read();
    await env.DB.prepare('update deliveries set attempts = 1, last_status = 500, last_attempt_at = ?1')
      .bind(T0 + 1)
      .run();
    expect(await deliveries().change([redelivered(before, T0 + 10, T0 + 5)])).toEqual(new Set(['msg_1']));
    expect(await read()).toMatchObject({ revision: 4, attempts: 1, lastStatus: 500, lastAttemptAt: T0 + 1 });
  });

  it('that lost to the end of an attempt is not told as done, although both make the same revision', async () => {
    const before = await read();
    await env.DB.prepare(`update deliveries set revision = 4, state = 'delivered', due_at = null`).run();
    expect(await deliveries().change([redelivered(before, T0 + 10, T0 + 5)])).toEqual(new Set());
    const again = redelivered(await read(), T0 + 10, T0 + 5);
    expect(await deliveries().change([again])).toEqual(new Set(['msg_1']));
    // As after an answer that was lost.
    expect(await deliveries().change([again])).toEqual(new Set(['msg_1']));
  });

  it('that was asked for on what is no longer so changes nothing', async () => {
    const stale = { ...(await read()), revision: 1 };
    expect(await deliveries().change([redelivered(stale, T0 + 10, T0 + 5)])).toEqual(new Set());
    expect(await read()).toMatchObject({ revision: 3, dueAt: T0 });
  });
});

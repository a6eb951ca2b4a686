import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { leaseDueTasks } from '../../src/store/fetch-tasks.ts';
import { running, T0 } from '../domain/sample-task.ts';
import { startRelay } from '../support/relay.ts';
import { emptied, keyRow, putKeys, putTasks } from './rows.ts';

const NOW = T0 + 90_000;
const LEASE = NOW + 50_000;

beforeEach(async () => {
  await startRelay();
  await env.DB.batch([...emptied(), putKeys([keyRow({ id: 'k' })])]);
});

function task(i: number, clientId: string, leasedUntil: number, accountId = 'k') {
  const one = running({ id: `task_${i}`, accountId, clientId, dueAt: T0, leasedUntil });
  return { ...one, phase: { ...one.phase, upstreamTaskId: `up_${i}` } };
}

async function leased(most: number): Promise<string[]> {
  const lease = { now: NOW, most, pollLease: LEASE, submitLease: LEASE, copyLease: LEASE, aheadMs: 0 };
  const { results } = await leaseDueTasks(env.DB, lease).all<{ client_id: string }>();
  return results.map(({ client_id: client }) => client);
}

it('clients whose tasks are all leased take nothing from the share of one that has many due', async () => {
  const others = Array.from({ length: 30 }, (_, i) => task(i, `other_${i}`, LEASE));
  const due = Array.from({ length: 60 }, (_, i) => task(100 + i, 'busy', 0));
  await putTasks([...others, ...due]).run();
  expect(await leased(40)).toEqual(Array.from({ length: 40 }, () => 'busy'));
});

it('clients with something due have as much each', async () => {
  const due = ['a', 'b'].flatMap((client, n) =>
    Array.from({ length: 30 }, (_, i) => task(100 * n + i, client, 0)),
  );
  await putTasks(due).run();
  expect((await leased(20)).toSorted().join('')).toBe('aaaaaaaaaabbbbbbbbbb');
});

it('a task whose upstream key is gone is leased all the same, so that it comes to its end', async () => {
  await putTasks([task(1, 'a', 0, 'gone')]).run();
  expect(await leased(20)).toEqual(['a']);
});

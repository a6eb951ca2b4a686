import { expect, it } from 'vitest';
import { KEY, KEY_OF_THEN } from './support/old-database.ts';
import { databaseBefore } from './support/old-stock.ts';
import { startRelay } from './support/relay.ts';

/** The release that had migrations up to here kept no usage. */
const MIGRATIONS = 11;

it('what was used before usage was kept is filled in from the tasks that are stored, and those in flight are added once', async () => {
  await databaseBefore(MIGRATIONS);
  const vars = { TICK_SECONDS: '55', MASTER_KEY_PREVIOUS: KEY_OF_THEN };
  const relay = await startRelay({ keepsData: true, timeScale: 0.05, vars });
  const me = relay.as(KEY);
  const expectEqual = async () => {
    const { data: tasks } = (await me.get('/v1/tasks?limit=100')).body;
    const [usage] = (await me.get('/v1/usage?group=model')).body.data;
    const count = (state: string) => tasks.filter((each: { state: string }) => each.state === state).length;
    expect(usage).toMatchObject({
      tasks: tasks.length,
      succeeded: count('succeeded'),
      failed: count('failed'),
      canceled: count('canceled'),
    });
    return count('succeeded');
  };
  const before = await expectEqual();
  expect(before).toBeGreaterThan(5);
  const { data: waiting } = (await me.get('/v1/tasks?state=queued')).body;
  for (const { id } of waiting) await me.post(`/v1/tasks/${id}/cancel`);
  await expectEqual();
});

import { lognormal } from '../../sandbox/upstream/random.ts';
import { runCron } from '../../src/engine/cron.ts';
import { startRelay } from './metered-relay.ts';
import type { Cost, CostAnswer, CostRequest } from './shapes.ts';

const MINUTE_MS = 60_000;
const PURGED_AFTER_MS = 40 * 24 * 60 * MINUTE_MS;
const MEDIAN_SECONDS = 90;
const SPREAD = 0.4;
/** From one post to the next, and how many within a minute's tick. */
const APART_MS = 2_000;
const POSTS_A_MINUTE = 25;

/** Takes tasks through their whole life, and counts what it costs. */
async function measure(env: Env, request: CostRequest): Promise<CostAnswer> {
  const { clock, random, posts, ticks, cron, client, postTask } = startRelay(env);
  const key = await client();
  let posted = 0;
  let most: Pick<Cost, 'statements' | 'trips'> = { statements: 0, trips: 0 };
  const postOne = async (): Promise<void> => {
    await clock.sleep(APART_MS);
    const seconds = lognormal(MEDIAN_SECONDS, SPREAD, random);
    await postTask(key, seconds, request.hasKey ? `row-${posted}` : undefined);
    posted++;
  };
  /** One cron invocation, with so many posts meanwhile, and the time until the next. */
  const minute = async (count: number): Promise<void> => {
    const startedAt = clock.now();
    const before = ticks.total();
    const posting = (async () => {
      for (let i = 0; i < count; i++) await postOne();
    })();
    await Promise.all([posting, runCron(cron)]);
    const { statements, trips } = ticks.total();
    most = {
      statements: Math.max(most.statements, statements - before.statements),
      trips: Math.max(most.trips, trips - before.trips),
    };
    clock.advance(Math.max(0, startedAt + MINUTE_MS - clock.now()));
  };
  const isIdle = async (): Promise<boolean> =>
    (await env.DB.prepare('select count(*) as n from tasks where due_at is not null').first('n')) === 0;
  const carry = async (count: number): Promise<void> => {
    for (let left = count; left > 0 || !(await isIdle());) {
      const mayPost = !request.isAlone || (await isIdle());
      const now = Math.min(left, mayPost ? (request.isAlone ? 1 : POSTS_A_MINUTE) : 0);
      await minute(now);
      left -= now;
    }
  };
  const reset = (): void => {
    posts.reset();
    ticks.reset();
    most = { statements: 0, trips: 0 };
  };
  await carry(request.warmUp);
  reset();
  await carry(request.tasks);
  const counted = {
    tasks: request.tasks,
    posts: posts.counts(),
    ticks: ticks.counts(),
    mostStatements: most.statements,
    mostTrips: most.trips,
  };
  reset();
  await minute(0);
  const idleMinute = ticks.counts();
  reset();
  clock.advance(PURGED_AFTER_MS);
  while (
    (await cron.stores.retention.purge({ endedBefore: clock.now(), abandonedBefore: clock.now() })).deleted >
    0
  );
  return { ...counted, idleMinute, purge: ticks.counts() };
}

export default {
  async fetch(request, env): Promise<Response> {
    return Response.json(await measure(env, await request.json<CostRequest>()));
  },
} satisfies ExportedHandler<Env>;

import { runCron } from '../../src/engine/cron.ts';
import { startRelay } from './metered-relay.ts';
import type { MinutesAnswer, MinutesRequest } from './shapes.ts';

const MINUTE_MS = 60_000;

/** One cron a minute over tasks of one client, and how often each asks D1. */
async function measure(env: Env, { budget, tasks, minutes }: MinutesRequest): Promise<MinutesAnswer> {
  const { clock, ticks, lateMs, cron, client, postTask } = startRelay(env, budget);
  const key = await client();
  // What is made once of the time before, as the console's sums are, is no part of a minute.
  await runCron(cron);
  const startedAt = clock.now();
  const posting = (async () => {
    for (const { atMs, seconds } of tasks) {
      const waitMs = startedAt + atMs - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs);
      await postTask(key, seconds);
    }
  })();
  // What is posted before the first cron.
  if (tasks.every(({ atMs }) => atMs === 0)) await posting;
  let mostTrips = 0;
  for (let minute = 0; minute < minutes; minute++) {
    const { trips } = ticks.total();
    await runCron(cron);
    mostTrips = Math.max(mostTrips, ticks.total().trips - trips);
    const waitMs = startedAt + (minute + 1) * MINUTE_MS - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs);
  }
  await posting;
  return { mostTrips, lateMs };
}

export default {
  async fetch(request, env): Promise<Response> {
    return Response.json(await measure(env, await request.json<MinutesRequest>()));
  },
} satisfies ExportedHandler<Env>;

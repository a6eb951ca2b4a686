import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../scripts/call.ts';
import { generateSecrets } from '../scripts/secrets.ts';
import { clientShape } from '../scripts/shapes.ts';
import { postAll, type Told } from './callers.ts';
import { Crons } from './crons.ts';
import { readKept, type KeptFiles } from './kept.ts';
import { listTasks } from './look.ts';
import { drawPlan, type Kill, type RunPlan } from './plan.ts';
import type { Prepared } from './prepare.ts';
import { Receivers } from './receivers.ts';
import { Relay } from './relay.ts';
import { startUpstream, type Upstream, type UpstreamState } from './upstream.ts';
import { judge, type Verdict } from './verdict.ts';

/** A video takes about 90 s upstream; here about 6 s. */
const TIME_SCALE = 1 / 15;
/** It may run 80 tasks at once: after a kill, more are posted, and wait. */
const UPSTREAM_API_KEY = 'sk-sandbox-ultra';
/** Faults go on until so many callbacks have come. */
const FAULTY_SHARE = 0.9;
const RELAY_VARS = {
  UPSTREAM_API_KEY,
  ALLOW_PRIVATE_CALLBACKS: 'true',
  TICK_SECONDS: '10',
  SUBREQUEST_BUDGET: '1000',
  POLL_MIN_SECONDS: '1',
  RETRY_DELAYS_SECONDS: '1,1,2,2,3,3,5,5,5,5,5,5',
};
/** Shorter than receivers hang where faults are wanted; long where none is, for a busy machine is no fault. */
const CALLBACK_TIMEOUT_SECONDS = { faulty: '2', well: '15' };
/** From the end of the load: what is not done by then is lost. */
const QUIET_WITHIN_MS = 75_000;
const FAULTS_END_WITHIN_MS = 40_000;
const LOOK_AGAIN_MS = 500;
/** After everything is delivered: what is wrongly sent once more comes by then. */
const REST_MS = 2_000;

/** What a run came to. */
export interface RunResult {
  plan: RunPlan;
  told: Told[];
  receivers: Receivers;
  upstream: UpstreamState;
  crons: Crons;
  kills: number;
  files: KeptFiles;
  verdict: Verdict;
  /** What Ringback logged as errors, and crons that failed. */
  errors: string[];
  seconds: number;
}

/** Runs one plan on a relay, a database, an upstream and receivers of its own; all are stopped in the end. */
export async function run(plan: RunPlan, prepared: Prepared, folder: string): Promise<RunResult> {
  const startedAt = performance.now();
  await using things = new AsyncDisposableStack();
  const upstream = await startUpstream(plan.seed, TIME_SCALE);
  things.defer(upstream.stop);
  const receivers = await Receivers.start(plan.seed);
  things.defer(() => receivers.stop());
  const secrets = generateSecrets();
  const relay = makeRelay(plan, { folder, prepared, vars: { ...secrets, UPSTREAM_URL: upstream.origin } });
  things.defer(() => relay.kill());
  await relay.start();
  const client = await call(relay.url('/admin/clients'), {
    method: 'POST',
    token: secrets.ADMIN_TOKEN,
    body: { name: 'chaos' },
    expect: 201,
    schema: clientShape,
  });
  receivers.expectSecret(client.signing_secret);
  const crons = new Crons(relay);
  crons.start(plan.crons);
  const say = (text: string): void => {
    process.stderr.write(`  ${((performance.now() - startedAt) / 1_000).toFixed(0)} s: ${text}\n`);
  };
  say('Ringback is up');
  const told = await load({ plan, relay, upstream, receivers, key: client.key });
  say('all is posted, and nothing goes wrong any more');
  const seen = await untilQuiet(relay, client.key, plan.tasks);
  say('all is quiet');
  await sleep(REST_MS);
  const state = await upstream.state();
  const mayDouble = plan.kills > 0 || plan.faultRate > 0;
  const arrivalsOf = (job: number) => receivers.ofJob(job);
  const files = await readKept(relay, told, seen, state);
  const verdict = judge({ told, seen, upstream: state, arrivalsOf, files, mayDouble });
  // Those that still run are not waited for: Ringback is killed once more, with nothing left to lose.
  const ended = crons.stop();
  const { kills } = relay;
  await relay.kill();
  await ended;
  const seconds = (performance.now() - startedAt) / 1_000;
  const errors = [...crons.problems, ...relay.errors];
  return { plan, told, receivers, upstream: state, crons, kills, files, verdict, errors, seconds };
}

function makeRelay(
  { faultRate }: RunPlan,
  { folder, prepared, vars }: { folder: string; prepared: Prepared; vars: Record<string, string> },
): Relay {
  const persistTo = join(folder, 'database');
  prepared.freshDatabase(persistTo);
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  const timeout = faultRate > 0 ? CALLBACK_TIMEOUT_SECONDS.faulty : CALLBACK_TIMEOUT_SECONDS.well;
  return new Relay(temporary, {
    config: prepared.config,
    persistTo,
    vars: { ...RELAY_VARS, CALLBACK_TIMEOUT_SECONDS: timeout, ...vars },
  });
}

/** Posts, kills and faults, until all is posted and most has come to its end; then nothing goes wrong any more. */
async function load(world: {
  plan: RunPlan;
  relay: Relay;
  upstream: Upstream;
  receivers: Receivers;
  key: string;
}): Promise<Told[]> {
  const { plan, relay, upstream, receivers, key } = world;
  const { jobs, kills } = drawPlan(plan);
  if (plan.faultRate > 0) await upstream.startFaults(plan.faultRate);
  receivers.setFaults(plan.faultRate);
  const [told] = await Promise.all([
    postAll(jobs, {
      relay,
      key,
      urlOf: (job) => receivers.urlOf(job),
      hangUpRate: plan.faultRate,
      seed: plan.seed,
    }),
    killAgainAndAgain(relay, kills),
  ]);
  const hasCome = (): number => told.filter(({ job }) => receivers.ofJob(job.index).length > 0).length;
  const deadline = Date.now() + FAULTS_END_WITHIN_MS;
  while (hasCome() < told.length * FAULTY_SHARE && Date.now() < deadline) await sleep(LOOK_AGAIN_MS);
  await upstream.stopFaults();
  receivers.setFaults(0);
  return told;
}

async function killAgainAndAgain(relay: Relay, kills: readonly Kill[]): Promise<void> {
  for (const { lifeMs, deathMs } of kills) {
    await sleep(lifeMs);
    await relay.kill();
    relay.kills += 1;
    await sleep(deathMs);
    await relay.start();
  }
}

/** The tasks as they are once each has told its end, or when the time is over. */
async function untilQuiet(relay: Relay, key: string, tasks: number): ReturnType<typeof listTasks> {
  const deadline = Date.now() + QUIET_WITHIN_MS;
  for (;;) {
    const seen = await listTasks(relay, key);
    const isQuiet =
      seen.size >= tasks && [...seen.values()].every(({ callback }) => callback === 'delivered');
    if (isQuiet || Date.now() > deadline) return seen;
    await sleep(LOOK_AGAIN_MS);
  }
}

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDevBox, readDevState, signedInClient } from './dev-state.ts';
import { fixedPorts } from './ports.ts';
import { sampleTask } from './sample.ts';
import type { Client } from './shapes.ts';
import { withStack, type Stack } from './stack.ts';
import { ROOT } from './worker.ts';

const MINUTE_MS = 60_000;
const FOLDER = join(ROOT, '.wrangler', 'dev');
const BOX = 'dev';
// A video takes about 90 s upstream; here about 9 s, unless TIME_SCALE says otherwise.
const DEFAULT_TIME_SCALE = '0.1';

try {
  await runDev();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
}
// It only gets here where something failed: Ctrl-C ends the process.
process.exit(1);

async function runDev(): Promise<void> {
  const ports = await fixedPorts(process.env);
  const state = await readDevState(FOLDER);
  console.log('Starting the simulator, the inbox and Ringback …');
  const options = {
    ports,
    persistTo: join(FOLDER, 'databases'),
    timeScale: Number(process.env['TIME_SCALE'] ?? DEFAULT_TIME_SCALE),
    // The Paid plan's budget: with the Free plan's 45 requests a minute, twenty tasks at once are called back minutes late.
    relayVars: { ...state.secrets, TICK_SECONDS: '55', SUBREQUEST_BUDGET: '9000' },
    watch: true,
    onRelayLog: (line: string) => printLog(line),
  };
  await withStack(options, async (stack) => {
    const client = await signedInClient(stack, FOLDER, state);
    await openDevBox(stack, BOX, client.signing_secret);
    printWelcome(stack, client);
    await fireCronEveryMinute(stack);
  });
}

/** What Ringback itself logs, in JSON; workerd's own stack traces of a host that is not there say nothing to a person. */
function printLog(line: string): void {
  if (line.startsWith('{')) console.log(`ringback │ ${line}`);
}

/** Like Cloudflare: each minute, whether or not the invocation before is over. */
async function fireCronEveryMinute(stack: Stack): Promise<never> {
  const fire = async (): Promise<void> => {
    try {
      const response = await stack.tick();
      if (!response.ok) console.error(`The cron answered ${response.status}: ${await response.text()}`);
    } catch (error) {
      console.error(`The cron could not be fired: ${String(error)}`);
    }
  };
  for (;;) {
    void fire();
    await sleep(MINUTE_MS);
  }
}

function printWelcome(stack: Stack, { key, signing_secret: signingSecret }: Client): void {
  const task = JSON.stringify(sampleTask(new URL(`/hooks/${BOX}`, stack.inbox)));
  console.log(`
  Console           ${stack.relay.origin}/console   sign in with the ADMIN_TOKEN below, or with the KEY
  Reference         ${stack.relay.origin}/docs
  Ringback          ${stack.relay.origin}
  Simulator         ${stack.upstream.origin}/_sandbox/state
  Inbox             ${stack.inbox.origin}/boxes/${BOX}/view

For the curls of the README, paste these four lines into a second terminal:

  RINGBACK=${stack.relay.origin}
  ADMIN_TOKEN=${stack.adminToken}
  KEY=${key}
  SIGNING_SECRET=${signingSecret}

Post a task; its callback shows up in the inbox a few seconds later:

  curl ${stack.relay.origin}/v1/tasks -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" -d ${quoted(task)}

The cron fires each minute. Start afresh: delete .wrangler/dev. Ctrl-C stops everything.
`);
}

/** A JSON text as one argument of the shell that people have here. */
function quoted(json: string): string {
  return process.platform === 'win32' ? `"${json.replaceAll('"', '\\"')}"` : `'${json}'`;
}

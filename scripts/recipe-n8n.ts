import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call } from './call.ts';
import { FREE_PORTS } from './ports.ts';
import type { Scene } from './recipe/cases.ts';
import { Gate } from './recipe/gate.ts';
import { installN8n, isInstalled, N8N_FOLDER, N8N_VERSION } from './recipe/install-n8n.ts';
import { freePort, N8n } from './recipe/n8n.ts';
import { early, failed, lostAnswer, restarted, resumed, secret, SLOW_STEP_MS } from './recipe/ways.ts';
import {
  buildNodes,
  makeNodeCredential,
  makeNodeWorkflows,
  nodeWorkflowIds,
} from './recipe/node-workflows.ts';
import { everyItem, forged, nodeLostAnswer, nodeRestarted, twoNodes } from './recipe/node-ways.ts';
import { triggered } from './recipe/trigger-ways.ts';
import { makeCredentials, makeWorkflows, workflowIds } from './recipe/workflows.ts';
import { generateSecrets } from './secrets.ts';
import { clientShape } from './shapes.ts';
import { tickUntil, withStack, type Stack } from './stack.ts';
import { Story } from './story.ts';

const TICK_SECONDS = 20;
const TICK_PAUSE_MS = 500;
/** Sooner than usual: an n8n that starts slowly is not to be waited for five minutes. */
const RETRY_DELAYS_SECONDS = '5,15,15,15,15,15,15,15,15,15';
const WAY_TIMEOUT_MS = 3 * 60_000;
const INTERRUPTED_EXIT_CODE = 130;

const WITHOUT_THE_NODE = [resumed, failed, early, secret, lostAnswer, restarted];
const WITH_THE_NODE = [twoNodes, everyItem, forged, nodeLostAnswer, nodeRestarted, triggered];

const story = new Story();
const folder = mkdtempSync(join(tmpdir(), 'ringback-n8n-'));
// At the exit, so that Ctrl-C leaves nothing behind either.
process.once('exit', () => {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  } catch {
    // The outcome does not depend on it.
  }
});
// While n8n is installed, too: what runs is stopped by exit hooks.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(INTERRUPTED_EXIT_CODE));
}
process.exit(await runRecipe());

async function runRecipe(): Promise<number> {
  story.title(`Ringback and a real n8n ${N8N_VERSION}: docs/recipes/n8n-workflow.json, run on this machine.`);
  let consoles: (() => string)[] = [];
  try {
    await install();
    story.begin('Starting the simulator and Ringback');
    const persistTo = join(folder, 'ringback');
    const relayVars = {
      ...generateSecrets(),
      TICK_SECONDS: String(TICK_SECONDS),
      POLL_MIN_SECONDS: '1',
      RETRY_DELAYS_SECONDS,
    };
    const options = { ports: FREE_PORTS, persistTo, timeScale: 0, relayVars, watch: false };
    await withStack(options, async (stack) => {
      consoles = [() => stack.relayLogs.join('\n')];
      await story.tell('The simulator and Ringback are up', async () => undefined);
      const port = await freePort();
      using gate = await Gate.open(port);
      const n8nFolder = join(folder, 'n8n');
      mkdirSync(n8nFolder);
      const extensions = await buildNodes(join(folder, 'nodes'));
      const n8n = await N8n.prepare({ folder: n8nFolder, port, webhookUrl: gate.url, extensions });
      consoles.push(() => n8n.log);
      try {
        await runWays(stack, gate, n8n);
      } finally {
        await n8n.stop();
      }
    });
    console.log('\nHow to build it in your own n8n: docs/recipes/n8n.md\n');
    return 0;
  } catch (error) {
    story.failed(error);
    const written = consoles.map((read) => read()).join('\n');
    if (written.trim() !== '') console.log(`What Ringback and n8n wrote to their consoles:\n${written}\n`);
    return 1;
  }
}

async function install(): Promise<void> {
  if (await isInstalled()) return;
  console.log('The first run installs n8n, which takes some minutes and 3 GB.\n');
  await story.tell('n8n is installed', installN8n, () => ['', N8N_FOLDER]);
}

async function runWays(stack: Stack, gate: Gate, n8n: N8n): Promise<void> {
  const { key, signing_secret } = await call(new URL('/admin/clients', stack.relay), {
    method: 'POST',
    token: stack.adminToken,
    body: { name: 'n8n' },
    expect: 201,
    schema: clientShape,
  });
  const place = { relay: stack.relay, gate: gate.url, key, secret: randomBytes(24).toString('base64url') };
  await story.tell('The workflow and its credential are imported into a fresh n8n', async () => {
    const own = { ...place, secret: signing_secret };
    await n8n.import('credentials', [...makeCredentials(place), makeNodeCredential(own)]);
    await n8n.import('workflow', [
      ...(await makeWorkflows(place, SLOW_STEP_MS)),
      ...(await makeNodeWorkflows(own)),
    ]);
    for (const id of [...workflowIds, ...nodeWorkflowIds])
      await n8n.command('publish:workflow', `--id=${id}`);
  });
  await story.tell(
    'n8n runs',
    () => n8n.start(),
    () => [`at ${n8n.url.origin}`],
  );
  const ticking = new AbortController();
  const problems: string[] = [];
  const ticks = tickUntil(stack, {
    signal: ticking.signal,
    pauseMs: TICK_PAUSE_MS,
    onProblem: (problem) => problems.push(problem),
  });
  const scene: Omit<Scene, 'deadline'> = { stack, gate, n8n, key, story, problems };
  try {
    for (const way of [...WITHOUT_THE_NODE, ...WITH_THE_NODE]) {
      await way({ ...scene, deadline: AbortSignal.timeout(WAY_TIMEOUT_MS) });
    }
  } finally {
    ticking.abort();
    await ticks;
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followTask } from './demo-steps.ts';
import { FREE_PORTS } from './ports.ts';
import { generateSecrets } from './secrets.ts';
import { Interrupted, withStack } from './stack.ts';
import { Story } from './story.ts';

// A video takes about 90 s upstream; here about 3 s.
const TIME_SCALE = 1 / 30;
const TICK_SECONDS = 20;
const DEADLINE_MS = 50_000;
const INTERRUPTED_EXIT_CODE = 130;

const story = new Story();
const folder = await mkdtemp(join(tmpdir(), 'ringback-demo-'));
process.exitCode = await runDemo();
// Windows needs a moment until the databases in it are closed.
await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }).catch(() => undefined);
process.exit();

async function runDemo(): Promise<number> {
  story.title('Ringback: a polling video API, turned into a webhook. All of it on this machine.');
  story.begin('Starting the sandbox, the inbox and the relay');
  let relayLogs: readonly string[] = [];
  try {
    await withStack(
      {
        ports: FREE_PORTS,
        persistTo: folder,
        timeScale: TIME_SCALE,
        relayVars: { ...generateSecrets(), TICK_SECONDS: String(TICK_SECONDS), POLL_MIN_SECONDS: '1' },
        watch: false,
      },
      (stack) => {
        relayLogs = stack.relayLogs;
        return followTask(stack, story, AbortSignal.timeout(DEADLINE_MS));
      },
    );
    printClosing();
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return INTERRUPTED_EXIT_CODE;
    story.failed(error);
    if (relayLogs.length > 0) console.log(`What the relay wrote to its console:\n${relayLogs.join('\n')}\n`);
    return 1;
  }
}

function printClosing(): void {
  console.log(`
You posted once and were called back once; the polling in between was the relay's.

  npm run dev   the same three Workers, kept up to play with, with a curl to paste
  README.md     how it works, and how to deploy it to your own Cloudflare account
`);
}

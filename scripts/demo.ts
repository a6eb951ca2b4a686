import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followTask } from './demo-steps.ts';
import { FREE_PORTS } from './ports.ts';
import { generateSecrets } from './secrets.ts';
import { withStack } from './stack.ts';
import { Story } from './story.ts';

// A video takes about 90 s upstream; here about 3 s.
const TIME_SCALE = 1 / 30;
const TICK_SECONDS = 20;
const DEADLINE_MS = 50_000;

const story = new Story();
const folder = mkdtempSync(join(tmpdir(), 'ringback-demo-'));
// At the exit, so that Ctrl-C leaves nothing behind either; what Windows still holds open is left to its own cleaning.
process.once('exit', () => {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  } catch {
    // The demo's outcome does not depend on it.
  }
});
process.exit(await runDemo());

async function runDemo(): Promise<number> {
  story.title('Ringback: a polling video API, turned into a webhook. All of it on this machine.');
  story.begin('Starting the simulator, the inbox and Ringback');
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
    story.failed(error);
    if (relayLogs.length > 0) console.log(`What Ringback wrote to its console:\n${relayLogs.join('\n')}\n`);
    return 1;
  }
}

function printClosing(): void {
  console.log(`
You posted once and were called back once; the polling in between was Ringback's.

  npm run dev   the same three Workers, kept up to play with, with a curl to paste
  README.md     how it works, and how to deploy it to your own Cloudflare account
`);
}

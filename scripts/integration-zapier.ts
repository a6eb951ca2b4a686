import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withSandboxedRelay } from './integrations/sandboxed.ts';
import { npmInstall, runIn } from './integrations/run.ts';
import { ROOT } from './worker.ts';

/** Checks the app of Zapier by Zapier's own tools, and runs it against a relay on the sandbox. Installs them the first time. */
const FOLDER = join(ROOT, 'integrations', 'zapier');
const CLI = join(FOLDER, 'node_modules', 'zapier-platform-cli', 'src', 'bin', 'run');

if (!existsSync(CLI)) await npmInstall(FOLDER);
await runIn(FOLDER, [CLI, 'validate', '--without-style']);
await withSandboxedRelay(async (stack, { key, signing_secret }) => {
  const env = { RINGBACK_URL: stack.relay.origin, RINGBACK_KEY: key, SIGNING_SECRET: signing_secret };
  await runIn(FOLDER, ['--test', 'test/app.test.js'], env);
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../worker.ts';
import { npmInstall, outputOf } from './run.ts';
import { withSandboxedRelay } from './sandboxed.ts';

const FOLDER = join(ROOT, 'integrations', 'zapier');
const CLI = join(FOLDER, 'node_modules', 'zapier-platform-cli', 'src', 'bin', 'run');

/** Whether Zapier's own tools are there: beside the project, in the folder of the app. */
export function hasZapierTools(): boolean {
  return existsSync(CLI);
}

/**
 * Checks the app of Zapier by Zapier's own tools, and runs it against a relay on the sandbox. Installs them the first time.
 *
 * @returns what both have printed. Rejects, with that, where something is wrong.
 */
export async function checkZapierApp(): Promise<{ validated: string; tested: string }> {
  if (!hasZapierTools()) await npmInstall(FOLDER);
  const validated = await outputOf(FOLDER, [CLI, 'validate', '--without-style']);
  const tested = await withSandboxedRelay(async (stack, { key, signing_secret }) => {
    const env = { RINGBACK_URL: stack.relay.origin, RINGBACK_KEY: key, SIGNING_SECRET: signing_secret };
    return await outputOf(FOLDER, ['--test', '--test-reporter=spec', 'test/app.test.js'], env);
  });
  // What Zapier's library says of its memory is of no use here.
  return { validated, tested: tested.replaceAll(/^ZID: .*\{\n(.*\n)*?\}\n/gm, '') };
}

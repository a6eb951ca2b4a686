import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { npmInstall, runIn } from './integrations/run.ts';
import { ROOT } from './worker.ts';

/** Lints and builds the nodes of n8n by n8n's own tools. Installs them the first time: 700 MB, in the folder of the nodes. */
const FOLDER = join(ROOT, 'integrations', 'n8n');
const CLI = join(FOLDER, 'node_modules', '@n8n', 'node-cli', 'bin', 'n8n-node.mjs');

if (!existsSync(CLI)) await npmInstall(FOLDER);
await runIn(FOLDER, [CLI, 'lint']);
await runIn(FOLDER, [CLI, 'build']);

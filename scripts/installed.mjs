// Loaded before the commands of a first hour, in JavaScript that any Node runs: what is missing is said, instead of an error
// about the extension .ts, which is all that an older Node has to say.
import { existsSync } from 'node:fs';

const NODE_BIN = new URL('../node_modules/node/bin/', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (!existsSync(new URL('../node_modules/', import.meta.url))) {
  stop('Nothing is installed here yet. Run this first: npm ci');
}
// TypeScript as it stands needs Node 22.18; `npm run` takes the Node 24 of the packages, once their scripts have put it there.
if (major < 22 || (major === 22 && minor < 18)) {
  const remedy = existsSync(NODE_BIN)
    ? 'start it with npm run'
    : 'run npm ci again, without --ignore-scripts';
  stop(
    `This is Node ${process.versions.node}, not the one that npm ci installs beside the packages: ${remedy}.`,
  );
}

function stop(problem) {
  console.error(`\n${problem}\n`);
  process.exit(1);
}

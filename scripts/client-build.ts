import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { ROOT } from './worker.ts';

// The client as a package of its own, without what the Worker depends on: for `npm pack ./dist/client`.
const FOLDER = join(ROOT, 'dist', 'client');

rmSync(FOLDER, { recursive: true, force: true });
execFileSync(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'client'], {
  cwd: ROOT,
  stdio: 'inherit',
});
const { name, version, license } = manifest;
const packed = {
  name,
  version,
  description: 'A typed client of Ringback.',
  license,
  type: 'module',
  engines: { node: '>=20' },
  exports: { './client': { types: './ringback.d.ts', default: './ringback.js' } },
};
writeFileSync(join(FOLDER, 'package.json'), `${JSON.stringify(packed, null, 2)}\n`);
copyFileSync(join(ROOT, 'LICENSE'), join(FOLDER, 'LICENSE'));
console.log(`dist/client              the client, to copy as it is
npm pack ./dist/client   makes ringback-${version}.tgz of it, to install anywhere`);

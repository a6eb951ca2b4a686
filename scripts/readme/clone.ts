import { cpSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../worker.ts';

/** What a working copy has and a clone has not: packages, builds, databases, secrets. */
const LOCAL = new Set(['node_modules', '.git', '.wrangler', 'dist', '.dev.vars']);

/** Makes this folder what a newcomer has after `git clone` and `npm ci`: the files as they are now, and this copy's packages. */
export function cleanClone(folder: string): void {
  cpSync(ROOT, folder, { recursive: true, filter: (path) => !LOCAL.has(basename(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
}

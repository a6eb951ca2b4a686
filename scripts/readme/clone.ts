import { cpSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../worker.ts';

/** What a working copy has and a clone has not: packages, builds, databases, secrets. */
const LOCAL = new Set(['node_modules', '.git', '.wrangler', 'dist', '.dev.vars']);

/** Makes this folder what a newcomer has after `git clone`: the files as they are now. */
export function copyClone(folder: string): void {
  cpSync(ROOT, folder, { recursive: true, filter: (path) => !LOCAL.has(basename(path)) });
}

/** Makes this folder what a newcomer has after `npm ci`: a clone, with the packages of this copy. */
export function cleanClone(folder: string): void {
  copyClone(folder);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
}

import type { SourceMap } from 'node:module';
import type { Profile } from './inspector.ts';

/** CPU time in ms, by what was running. */
export interface Spent {
  readonly ms: number;
  readonly byFolder: ReadonlyMap<string, number>;
  readonly byFunction: ReadonlyMap<string, number>;
}

/** V8 files some optimised code, and the runtime's own, under `(program)`. */
const IDLE = '(idle)';

/** Where the time of a profile went: to the function that was running itself, not to those that called it. */
export function spentIn({ nodes, samples }: Profile, sources: SourceMap, msPerSample: number): Spent {
  const counts = new Map<number, number>();
  for (const id of samples) counts.set(id, (counts.get(id) ?? 0) + 1);
  const byFolder = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let sum = 0;
  for (const { id, callFrame } of nodes) {
    const ms = (counts.get(id) ?? 0) * msPerSample;
    if (ms === 0 || callFrame.functionName === IDLE) continue;
    const { folder, file } = placeOf(callFrame, sources);
    const name =
      file === null ? callFrame.functionName : `${callFrame.functionName || '(anonymous)'} ${file}`;
    sum += ms;
    byFolder.set(folder, (byFolder.get(folder) ?? 0) + ms);
    byFunction.set(name, (byFunction.get(name) ?? 0) + ms);
  }
  return { ms: sum, byFolder, byFunction };
}

/** The source of a function, and which of our folders, or which package, that is of. */
function placeOf(
  { functionName, url, lineNumber, columnNumber }: Profile['nodes'][number]['callFrame'],
  sources: SourceMap,
): { folder: string; file: string | null } {
  if (url === '') return { folder: functionName.startsWith('(') ? functionName : '(built in)', file: null };
  if (!url.endsWith('index.js')) return { folder: 'workerd', file: url };
  const entry = sources.findEntry(lineNumber, columnNumber);
  const source = 'originalSource' in entry ? entry.originalSource : '';
  const ours = /\/(src\/[^/]+)(?:\/.*)?\/?([^/]*)$/.exec(source);
  if (ours?.[1] !== undefined && !source.includes('node_modules'))
    return { folder: ours[1], file: source.slice(source.indexOf('/src/') + 1) };
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1];
  return {
    folder: inPackage ?? 'bundle',
    file: source.slice(source.lastIndexOf('node_modules/')) || 'bundle',
  };
}

/** Several profiles as one. */
export function together(all: readonly Spent[]): Spent {
  return {
    ms: all.reduce((sum, { ms }) => sum + ms, 0),
    byFolder: sums(all.map(({ byFolder }) => byFolder)),
    byFunction: sums(all.map(({ byFunction }) => byFunction)),
  };
}

function sums(maps: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const map of maps) for (const [name, count] of map) sum.set(name, (sum.get(name) ?? 0) + count);
  return sum;
}

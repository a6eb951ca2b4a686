import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { V4ModuleDefinition } from 'miniflare';
import { ROOT } from '../../scripts/worker.ts';

const MAIN = 'index.js';
/** Asks the Worker to be evaluated, and for nothing else. */
export const EVALUATE = '/evaluate';
/** Asks how many cron runs and legs there have been. */
export const INVOCATIONS = '/invocations';

/**
 * The Worker behind a dynamic import, as V8's profiler cannot be started before a Worker's own modules are evaluated: so what
 * evaluates them is a call like any other.
 */
const ENTRY = `
let invocations = 0;
const relay = async () => (await import('./${MAIN}')).default;
export default {
  async fetch(request, env, ctx) {
    const { fetch } = await relay();
    const { pathname } = new URL(request.url);
    if (pathname === '${EVALUATE}') return new Response();
    if (pathname === '${INVOCATIONS}') return Response.json(invocations);
    return await fetch(request, env, ctx);
  },
  async scheduled(controller, env, ctx) {
    invocations++;
    await (await relay()).scheduled(controller, env, ctx);
  },
  async queue(batch, env, ctx) {
    invocations++;
    await (await relay()).queue(batch, env, ctx);
  },
};`;

/** The Worker as wrangler uploads it, and where each line of it comes from. */
export interface Built {
  readonly modules: V4ModuleDefinition[];
  readonly sources: SourceMap;
}

/** Bundles the Worker as `wrangler deploy` does. */
export async function buildRelay(): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-cpu-'));
  try {
    const wrangler = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
    await promisify(execFile)(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', folder], {
      cwd: ROOT,
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    });
    const text = async (name: string): Promise<string> => await readFile(join(folder, name), 'utf8');
    const names = (await readdir(folder)).filter((name) => !name.endsWith('.map') && name !== 'README.md');
    const modules = await Promise.all(
      names.map(async (name): Promise<V4ModuleDefinition> => ({
        type: name === MAIN ? 'ESModule' : 'Text',
        path: name,
        contents: await text(name),
      })),
    );
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- esbuild's own file
    const sources = new SourceMap(JSON.parse(await text(`${MAIN}.map`)) as SourceMapPayload);
    return { modules: [{ type: 'ESModule', path: 'entry.js', contents: ENTRY }, ...modules], sources };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

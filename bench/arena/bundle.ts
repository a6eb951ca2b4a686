import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { ROOT } from '../../scripts/worker.ts';

const textOfBrowsers: Plugin = {
  name: 'text of browsers',
  setup: (builder) => {
    builder.onLoad(
      { filter: /\.css$|\.browser\.js$|-bundle\.js$|\/recipes\/.*\.(md|mjs|py)$/ },
      async ({ path }) => ({
        contents: await readFile(path, 'utf8'),
        loader: 'text',
      }),
    );
  },
};

/** One Worker as one module, bundled as wrangler does it. The entry is relative to the repository. */
export async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, entry)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    // As the rule of wrangler.toml has it: what browsers get is text.
    plugins: [textOfBrowsers],
    // No warnings: what is bundled is checked elsewhere.
    logLevel: 'error',
  });
  const [module] = outputFiles;
  if (module === undefined) throw new Error(`esbuild made no module of ${entry}.`);
  return module.text;
}

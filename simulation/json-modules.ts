import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Lets plain Node load `src/` as it is: bundlers take `import { version } from '../package.json'`, Node wants an import
 * attribute and knows no names in JSON. To be imported before anything of `src/`, in each thread.
 */
registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith('.json')) return nextLoad(url, context);
    const document: unknown = JSON.parse(readFileSync(fileURLToPath(url), 'utf8'));
    const names = typeof document === 'object' && document !== null ? Object.entries(document) : [];
    const source = names
      .filter(([name]) => /^[a-z]+$/i.test(name))
      .map(([name, value]) => `const $${name} = ${JSON.stringify(value)}; export { $${name} as ${name} };`);
    return { format: 'module', shortCircuit: true, source: source.join('\n') };
  },
});

import type { Mutant } from './mutant-list.ts';

/** Bugs in results that are kept. */
export const FILE_MUTANTS: readonly Mutant[] = [
  {
    bug: 'a file that broke off is kept as it is',
    file: 'src/files/save.ts',
    text: '    if (bytes < length) throw new BrokenOffError();\n    await cut.or(writer.close());',
    instead: '    await cut.or(writer.close());',
  },
  {
    bug: 'an error page of the server is kept as the result',
    file: 'src/files/source.ts',
    text: `if (response.status === 200) return`,
    instead: `if (response.status !== 302) return`,
  },
  {
    bug: 'a link is told although storing its file failed',
    file: 'src/files/save.ts',
    text: '    const stored = await cut.or(put);\n    return stored.size;',
    instead: '    await cut.or(put.catch(() => undefined));\n    return length;',
  },
  {
    bug: 'the files of a canceled task are left for ever',
    file: 'src/engine/sweep.ts',
    text: '  await files.remove(orphans);\n',
    instead: '',
  },
  {
    bug: 'files are copied for as long as it takes',
    file: 'src/domain/keeping.ts',
    text: '  return since + KEEPING_MS;',
    instead: '  return since + 10 * KEEPING_MS;',
  },
];

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../worker.ts';

/** The code blocks of a page of the repository, in this language. */
export function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return Array.from(text.matchAll(/^```(\w+)\n(.*?)\n```$/gms))
    .filter(([, name]) => name === language)
    .map(([, , code = '']) => code);
}

export const isCurl = (block: string): boolean => /^curl /m.test(block);

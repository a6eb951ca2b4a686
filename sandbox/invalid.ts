import type { ZodError } from 'zod';

/** One line for a person: each thing that is wrong, with the dotted path of its field. */
export function describeIssues(error: ZodError, root = ''): string {
  return error.issues
    .map((issue) => {
      const path = [root, ...issue.path.map(String)].filter((part) => part !== '').join('.');
      return path === '' ? issue.message : `${path}: ${issue.message}`;
    })
    .join('; ');
}

/** The JSON value of a text, or undefined where it is none (no JSON text reads as undefined). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

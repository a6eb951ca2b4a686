import { isKept, withKeptLinks } from './kept-files.ts';
import { resultUrls } from './result-urls.ts';
import type { Task } from './task.ts';

/** The links of a task's result; none where it has no success. */
export interface ResultLinks {
  /** As upstream gave them. */
  readonly sources: string[];
  /** The links to use: kept files in the places of those that are kept. */
  readonly urls: string[];
}

export function resultLinks({ phase, media, filesOrigin }: Task): ResultLinks {
  if (phase.state !== 'succeeded') return { sources: [], urls: [] };
  const sources = resultUrls(phase.resultJson, media);
  return { sources, urls: withKeptLinks(sources, phase.kept, filesOrigin) };
}

/** What stands in `resultJson` for whoever reads upstream's own field: its text, with kept links where there are some. */
export function resultJsonOf(task: Task): string | null {
  const { phase } = task;
  if (phase.state !== 'succeeded') return null;
  if (!(phase.kept ?? []).some(isKept)) return phase.resultJson;
  return JSON.stringify({ ...fieldsOf(phase.resultJson), resultUrls: resultLinks(task).urls });
}

/** What a result says beside its links, where it is an object. */
function fieldsOf(resultJson: string | null): object {
  try {
    const value: unknown = JSON.parse(resultJson ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

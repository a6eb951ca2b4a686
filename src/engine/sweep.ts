import { isKeptPath, taskOfPath } from '../domain/kept-files.ts';
import { endOf, lostFiles, strayFiles } from '../domain/kept-sweep.ts';
import type { SweepState } from '../store/kept.ts';
import type { EngineDeps } from './deps.ts';
import { logWarning } from './log.ts';

const HOUR_MS = 3_600_000;
/** R2 lists so many files in one request; one page a run. */
const FILES_A_PAGE = 1_000;
const TASKS_A_PAGE = 500;
/** Sorts behind every character of a name. */
const END = '\uffff';

/**
 * Compares a page of the bucket with the tasks, once an hour from the first page on: removes files that belong to no task, and has
 * tasks whose file is gone told by upstream's link. Three requests to D1 at the most, and none in between.
 */
export async function sweep({ clock, files, stores }: EngineDeps, state: SweepState | null): Promise<void> {
  const now = clock.now();
  if (files === null || state === null) return;
  if (state.after === null && now - state.sweptAt < HOUR_MS) return;
  const after = state.after ?? '';
  // In this order: a file is stored before its row says so, and removed after its row is gone.
  const page = await stores.kept.withFiles(after, TASKS_A_PAGE);
  const listed = await files.list(after === '' ? '' : after + END, FILES_A_PAGE);
  const end = endOf(listed, page);
  const isWithin = (task: string): boolean => end === null || task <= end;
  const listing = listed.paths.filter(isKeptPath);
  const paths = listing.filter((path) => isWithin(taskOfPath(path)));
  const lost = lostFiles(
    page.rows.filter(({ id }) => isWithin(id)),
    new Set(listing),
  );
  const known = new Set(
    page.rows.flatMap(({ kept }) => (kept ?? []).map((file) => ('path' in file ? file.path : ''))),
  );
  const doubtful = paths.filter((path) => !known.has(path));
  const tasks = Array.from(new Set(doubtful.map(taskOfPath)));
  const rows = tasks.length === 0 ? [] : await stores.kept.rowsOf(tasks);
  const { orphans, found } = strayFiles(doubtful, rows);
  await files.remove(orphans);
  if (orphans.length + lost.length + found.length > 0)
    logWarning('kept files and tasks did not fit together, and were mended', {
      files_without_task: orphans.length,
      tasks_without_file: lost.length,
      tasks_with_file_again: found.length,
    });
  await stores.kept.swept([...lost, ...found], { after: end, sweptAt: now });
}

import { isKept, taskOfPath } from './kept-files.ts';
import type { Kept } from './kept-files.ts';

/** A task's row, as far as its files go. */
export interface KeptRow {
  readonly id: string;
  readonly kept: readonly Kept[] | null;
  /** Its files are being copied. */
  readonly isKeeping: boolean;
}

/** Files of the bucket whose names sort behind the last pass, and whether nothing is behind them. */
export interface Listing {
  readonly paths: readonly string[];
  readonly isLast: boolean;
}

/** Tasks with kept files behind the last pass, in the order of their ids, and whether nothing is behind them. */
export interface RowPage {
  readonly rows: readonly KeptRow[];
  readonly isLast: boolean;
}

/** A row that says something else than the bucket does: what it is to say. */
export interface Mend {
  readonly id: string;
  readonly from: readonly Kept[];
  readonly to: readonly Kept[];
}

/** As far as both pages go: the last task that both hold whole; null where they hold all there is. */
export function endOf(listing: Listing, page: RowPage): string | null {
  const ends: string[] = [];
  const last = page.rows.at(-1);
  if (!page.isLast && last !== undefined) ends.push(last.id);
  if (!listing.isLast) {
    // Files of the last task may stand on the next page.
    const cut = taskOfPath(listing.paths.at(-1) ?? '');
    ends.push(listing.paths.map(taskOfPath).findLast((task) => task !== cut) ?? cut);
  }
  return ends.sort()[0] ?? null;
}

/**
 * What rows say of files that are not there. The rows have to be older than the listing: a file is stored before its row says so.
 */
export function lostFiles(rows: readonly KeptRow[], paths: ReadonlySet<string>): Mend[] {
  return rows.flatMap(({ id, kept }) => mendOf(id, kept, (file) => lostIfGone(file, paths)));
}

function lostIfGone(file: Kept, paths: ReadonlySet<string>): Kept {
  if (!isKept(file) || paths.has(file.path)) return file;
  return { problem: 'It was kept, and is not in the bucket any more.', lost: file };
}

/** Files that belong to nothing, and rows that miss a file that is there. The rows have to be newer than the listing. */
export function strayFiles(
  paths: readonly string[],
  rows: readonly KeptRow[],
): { readonly orphans: string[]; readonly found: Mend[] } {
  const byTask = new Map(rows.map((row) => [row.id, row]));
  const there = new Set(paths);
  const orphans = paths.filter((path) => {
    const row = byTask.get(taskOfPath(path));
    if (row === undefined) return true;
    return !row.isKeeping && !(row.kept ?? []).some((file) => pathOfKept(file) === path);
  });
  const found = rows.flatMap(({ id, kept }) =>
    mendOf(id, kept, (file) => {
      const lost = isKept(file) ? undefined : file.lost;
      return lost !== undefined && there.has(lost.path) ? lost : file;
    }),
  );
  return { orphans, found };
}

function pathOfKept(file: Kept): string | undefined {
  return isKept(file) ? file.path : file.lost?.path;
}

function mendOf(id: string, from: readonly Kept[] | null, change: (file: Kept) => Kept): Mend[] {
  if (from === null) return [];
  const to = from.map(change);
  return to.some((file, place) => file !== from[place]) ? [{ id, from, to }] : [];
}

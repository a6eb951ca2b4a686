import type { Kept } from './kept-files.ts';

/** How often a file is tried. */
export const MAX_TRIES = 3;
/**
 * All files of a task together, from the poll that saw its end: then it is told with what is there. Ten seconds are left of the minute
 * that its callback may be late by: a cron run ends five before the next begins, and the end is still to be written and sent.
 */
export const KEEPING_MS = 50_000;
/** A file that was rendered a moment ago may not have reached every server of its network yet. */
const RETRY_MS = [2_000, 8_000] as const;
/** More files of one task are not kept: each costs an outgoing request. */
const MAX_FILES = 100;

/** One result file on its way. Instants are epoch ms. */
export interface FileCopy {
  /** Upstream's link. */
  readonly source: string;
  /** What nobody guesses of its kept link: the same in every try, so that a copy that is repeated takes the place of the first. */
  readonly capability: string;
  readonly tries: number;
  /** Not tried again before. */
  readonly nextAt: number;
  /** What the last try failed for, in words; null before the first. */
  readonly problem: string | null;
  /** Null while it is to be tried. */
  readonly done: Kept | null;
}

/** A task that upstream has ended, and whose files are copied before that is told. Instants are epoch ms. */
export interface Keeping {
  /** The poll that saw the end. */
  readonly since: number;
  readonly resultJson: string | null;
  readonly completedAt: number;
  readonly costTimeMs: number | null;
  readonly files: readonly FileCopy[];
}

/** What one try came to. */
export type CopyAnswer =
  | { readonly kind: 'copied'; readonly file: Kept }
  /** Another try would meet the same. */
  | { readonly kind: 'refused'; readonly problem: string }
  /** Not there, an error, a cut, a silence: one of its tries. */
  | { readonly kind: 'failed'; readonly problem: string }
  /** It was put back for others: no try. */
  | { readonly kind: 'yielded' };

/** The files of an end, before the first is tried. */
export function filesToCopy(
  links: readonly string[],
  now: number,
  newCapability: () => string,
): readonly FileCopy[] {
  return links.map((source, place) => ({
    source,
    capability: newCapability(),
    tries: 0,
    nextAt: now,
    problem: null,
    done:
      place < MAX_FILES ? null : { problem: `Of a task with so many files the first ${MAX_FILES} are kept.` },
  }));
}

/** Past this instant nothing of the task is tried any more. */
export function keptUntil({ since }: Keeping): number {
  return since + KEEPING_MS;
}

/** The place of the file that is tried next: the earliest, of several the one that was tried least; null where none is left. */
export function nextFile({ files }: Keeping): number | null {
  let best: number | null = null;
  files.forEach((file, place) => {
    const other = best === null ? undefined : files[best];
    if (file.done !== null) return;
    if (other === undefined || file.nextAt < other.nextAt) best = place;
  });
  return best;
}

/** Whether its end can be told: each file is kept or given up, or there is no more time. */
export function isSettled(keeping: Keeping, now: number): boolean {
  return now >= keptUntil(keeping) || nextFile(keeping) === null;
}

/** When something is to be done for it again. Epoch ms. */
export function nextCopyAt(keeping: Keeping, now: number): number {
  const place = nextFile(keeping);
  const at = place === null ? now : (keeping.files[place]?.nextAt ?? now);
  return Math.min(at, keptUntil(keeping));
}

/** Whether nothing of it was tried or put back yet. */
export function isFresh({ files, since }: Keeping): boolean {
  return files.every(({ tries, nextAt }) => tries === 0 && nextAt <= since);
}

/** What was tried, as it stands after that. */
export function afterCopy(keeping: Keeping, place: number, answer: CopyAnswer, now: number): Keeping {
  const files = keeping.files.map((file, at) => (at === place ? fileAfter(file, answer, now) : file));
  return { ...keeping, files };
}

/** A file that was put back goes behind those that wait. */
const PUT_BACK_MS = 500;

function fileAfter(file: FileCopy, answer: CopyAnswer, now: number): FileCopy {
  switch (answer.kind) {
    case 'copied':
      return { ...file, tries: file.tries + 1, done: answer.file };
    case 'refused':
      return { ...file, tries: file.tries + 1, done: { problem: answer.problem } };
    case 'yielded':
      return { ...file, nextAt: now + PUT_BACK_MS };
    case 'failed': {
      const tries = file.tries + 1;
      const { problem } = answer;
      if (tries >= MAX_TRIES)
        return { ...file, tries, done: { problem: `${problem} It was tried ${MAX_TRIES} times.` } };
      return { ...file, tries, problem, nextAt: now + (RETRY_MS[tries - 1] ?? 0) };
    }
  }
}

/** What became of each file, in the order of the links: what is not there by now is told by upstream's. */
export function keptOf({ files }: Keeping): readonly Kept[] {
  const seconds = KEEPING_MS / 1_000;
  return files.map(
    ({ done, problem }) =>
      done ?? {
        problem: `It could not be copied within ${seconds} s.${problem === null ? '' : ` The last try: ${problem}`}`,
      },
  );
}

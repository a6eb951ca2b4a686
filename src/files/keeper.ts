import { toBase64Url } from '../domain/base64.ts';
import type { Bucket } from './bucket.ts';
import { createCopier } from './copier.ts';
import type { Copier, CopierOptions } from './copier.ts';

/** 192 bits: whoever has a link reads its file, and nobody guesses one. */
const CAPABILITY_BYTES = 24;
/** R2 deletes so many in one request. */
const MAX_REMOVED = 1_000;

/** Some of the files in the bucket, in the order of their names. */
export interface FilePage {
  readonly paths: readonly string[];
  /** Whether there is nothing behind them. */
  readonly isLast: boolean;
}

/** The bucket that results are kept in, as the engine sees it. */
export interface FileKeeper {
  /** The secret part of a kept link. */
  newCapability(): string;
  readonly copy: Copier;
  /** Removes files; those that are not there are none of its business. */
  remove(paths: readonly string[]): Promise<void>;
  /** The files whose names sort behind `after`. */
  list(after: string, limit: number): Promise<FilePage>;
}

/** Puts the keeper of a bucket together. */
export function createFileKeeper(
  bucket: Bucket,
  options: Omit<CopierOptions, 'bucket'>,
  randomBytes: (length: number) => Uint8Array,
): FileKeeper {
  return {
    newCapability: () => toBase64Url(randomBytes(CAPABILITY_BYTES)),
    copy: createCopier({ ...options, bucket }),
    async remove(paths) {
      for (let from = 0; from < paths.length; from += MAX_REMOVED)
        await bucket.delete(paths.slice(from, from + MAX_REMOVED));
    },
    async list(after, limit) {
      const { objects, truncated } = await bucket.list({
        limit,
        ...(after === '' ? {} : { startAfter: after }),
      });
      return { paths: objects.map(({ key }) => key), isLast: !truncated };
    },
  };
}

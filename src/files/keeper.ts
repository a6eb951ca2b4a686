import { toBase64Url } from '../domain/base64.ts';
import { safeType } from '../domain/kept-files.ts';
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

/** A kept file as it is served. */
export interface StoredFile {
  readonly bytes: number;
  /** With its quotation marks. */
  readonly etag: string;
  readonly type: string;
  /** Epoch ms. */
  readonly storedAt: number;
}

/** Bytes of a file: the first of them, and how many. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** The bucket that results are kept in, as the engine sees it. */
export interface FileKeeper {
  /** The secret part of a kept link. */
  newCapability(): string;
  readonly copy: Copier;
  /** What is known of a file; null where there is none by this name. */
  head(path: string): Promise<StoredFile | null>;
  /** The file, or a part of it, as a stream; null where there is none by this name. */
  open(path: string, range: ByteRange | null): Promise<{ file: StoredFile; body: ReadableStream } | null>;
  /** Removes files; those that are not there are none of its business. */
  remove(paths: readonly string[]): Promise<void>;
  /** Removes whatever there is of a task. */
  removeAllOf(taskId: string): Promise<void>;
  /** The files whose names sort behind `after`. */
  list(after: string, limit: number): Promise<FilePage>;
}

/** Puts the keeper of a bucket together. */
export function createFileKeeper(
  bucket: Bucket,
  options: Omit<CopierOptions, 'bucket'>,
  randomBytes: (length: number) => Uint8Array,
): FileKeeper {
  const remove = async (paths: readonly string[]): Promise<void> => {
    for (let from = 0; from < paths.length; from += MAX_REMOVED)
      await bucket.delete(paths.slice(from, from + MAX_REMOVED));
  };
  return {
    newCapability: () => toBase64Url(randomBytes(CAPABILITY_BYTES)),
    copy: createCopier({ ...options, bucket }),
    async head(path) {
      const object = await bucket.head(path);
      return object && storedFile(object);
    },
    async open(path, range) {
      const object = await bucket.get(path, range === null ? {} : { range });
      return object && { file: storedFile(object), body: object.body };
    },
    remove,
    async removeAllOf(taskId) {
      const { objects } = await bucket.list({ prefix: `${taskId}/`, limit: MAX_REMOVED });
      await remove(objects.map(({ key }) => key));
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

function storedFile({ size, httpEtag, httpMetadata, uploaded }: R2Object): StoredFile {
  const type = httpMetadata?.contentType ?? null;
  return { bytes: size, etag: httpEtag, type: safeType(type), storedAt: uploaded.getTime() };
}

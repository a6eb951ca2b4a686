import type { Clock } from '../domain/clock.ts';

/** Why a copy is cut off: its source stands still, others are to go first, or there is no more time for it. */
export type CutReason = 'silent' | 'yielded' | 'over';

/** What is thrown into a copy that is cut off. */
export class CutError extends Error {
  override readonly name = 'CutError';
  readonly reason: CutReason;
  constructor(reason: CutReason) {
    super(reason);
    this.reason = reason;
  }
}

/** What comes in less time than a source may be silent for. */
export const PROGRESS_BYTES = 65_536;
/** A source that gives no progress for so long is cut off, however much it gave before. */
export const SILENCE_MS = 10_000;
/** How often a copy is looked at. */
const LOOK_MS = 500;

/** What a copy tells of itself, and is told. */
export interface CopyWatch {
  /** Outgoing requests that it may make. */
  readonly maxFetches: number;
  /** Some of the file came. */
  readonly moved: () => void;
  /** Whether it is to make room for others. */
  readonly mustYield: () => boolean;
}

/** Cuts one copy off where it makes no progress: what it waits for goes through `or`. */
export class Cut {
  private readonly aborting = new AbortController();
  private readonly settled = new AbortController();
  private readonly clock: Clock;
  private readonly watch: CopyWatch;
  private readonly until: number;
  private readonly reached: Promise<never>;
  private movedAt: number;
  private bytes = 0;

  /** @param until past this instant it is cut off in any case. Epoch ms. */
  constructor(clock: Clock, watch: CopyWatch, until: number) {
    this.clock = clock;
    this.watch = watch;
    this.until = until;
    this.movedAt = clock.now();
    this.reached = this.look();
    this.reached.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.aborting.signal;
  }

  /** So many bytes came, or went; fewer than 64 KiB together are no progress. */
  moved(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes < PROGRESS_BYTES) return;
    this.bytes = 0;
    this.movedAt = this.clock.now();
    this.watch.moved();
  }

  /** Its server has answered, or the bucket. */
  answered(): void {
    this.moved(PROGRESS_BYTES);
  }

  /** What `waited` comes to, unless the copy is cut off before: then `CutError` is thrown. */
  async or<T>(waited: Promise<T>): Promise<T> {
    waited.catch(() => undefined);
    return await Promise.race([waited, this.reached]);
  }

  /** It came to an end by itself. */
  end(): void {
    this.settled.abort();
  }

  private async look(): Promise<never> {
    for (;;) {
      const reason = this.reason();
      if (reason !== null) {
        const error = new CutError(reason);
        this.aborting.abort(error);
        throw error;
      }
      await this.clock.sleep(
        Math.min(LOOK_MS, Math.max(1, this.until - this.clock.now())),
        this.settled.signal,
      );
      // Nobody waits for it any more.
      if (this.settled.signal.aborted) await new Promise<never>(() => undefined);
    }
  }

  private reason(): CutReason | null {
    const now = this.clock.now();
    if (now >= this.until) return 'over';
    if (now - this.movedAt >= SILENCE_MS) return 'silent';
    return this.watch.mustYield() ? 'yielded' : null;
  }
}

/**
 * Upstream work is spread over the tick, so that a small budget still looks at running tasks until the tick's end; these
 * many requests may go at once. Callbacks are never held back.
 */
const BURST = 6;

/** The outgoing fetches that one invocation may make (`SUBREQUEST_BUDGET`): the platform ends it at the one too many. */
export class Budget {
  private used = 0;
  private readonly total: number;
  private readonly startedAt: number;
  private readonly spanMs: number;

  /** @param spanMs the time that the budget is to last, from `startedAt` (epoch ms). */
  constructor(total: number, startedAt: number, spanMs: number) {
    this.total = total;
    this.startedAt = startedAt;
    this.spanMs = spanMs;
  }

  get left(): number {
    return this.total - this.used;
  }

  /** Takes fetches out of the budget; a negative number gives back what was not used. */
  take(fetches: number): void {
    this.used += fetches;
  }

  /** What upstream work may take at `now`: its share of the time that has passed, less what was used. */
  share(now: number): number {
    const earned = Math.floor(BURST + (this.total * (now - this.startedAt)) / this.spanMs);
    return Math.max(0, Math.min(earned - this.used, this.left));
  }

  /** When upstream work may take more, as of `now`; `Infinity` where it may already. */
  nextShareAt(now: number): number {
    return this.share(now) > 0 ? Infinity : now + this.spanMs / this.total;
  }
}

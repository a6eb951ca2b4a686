/** What is asked for at a pace leads to more now and then. */
const SPARE = 3;
/** Further apart than this, each one counts. */
const SCARCE_MS = 1_000;

export interface BudgetPlan {
  readonly total: number;
  /** So many may go at once; the others as time passes. */
  readonly burst: number;
  /** Epoch ms. */
  readonly startedAt: number;
  /** How long it is to last. */
  readonly spanMs: number;
}

/**
 * What one invocation may use of something that the platform counts, and ends it at the one too many: outgoing fetches,
 * requests to D1, CPU time. It is spread over the invocation's time, so that a small one lasts until the end.
 */
export class Budget {
  private used = 0;
  private promised = 0;
  private plan: BudgetPlan;

  constructor(plan: BudgetPlan) {
    this.plan = plan;
  }

  /** What nobody has used and nobody was promised: below 0 where promises were not enough. */
  get left(): number {
    return this.plan.total - this.used - this.promised;
  }

  get spent(): number {
    return this.used;
  }

  /** Takes out of the budget; a negative number gives back what was not used. */
  take(count: number): void {
    this.used += count;
  }

  /** Keeps so many for what has begun and will take them later; a negative number ends the promise. */
  promise(count: number): void {
    this.promised += count;
  }

  /** What may be taken at `now` by what can wait: the share of the time that has passed, less what was used. */
  share(now: number): number {
    const { total, burst, startedAt, spanMs } = this.plan;
    const earned = Math.floor(burst + ((total - burst) * (now - startedAt)) / spanMs);
    return Math.max(0, Math.min(earned - this.used, this.left));
  }

  /** How many more may be taken in so many ms, by what can wait, whatever was saved up. */
  earnedIn(ms: number): number {
    const { total, burst, spanMs } = this.plan;
    return Math.floor(((total - burst) * ms) / spanMs);
  }

  /** When `count` more may be taken, as of `now`; `Infinity` where they may be already. */
  nextShareAt(now: number, count = 1): number {
    const { total, burst, spanMs } = this.plan;
    const missing = count - this.share(now);
    return missing <= 0 ? Infinity : now + (missing * spanMs) / Math.max(1, total - burst);
  }

  /** From `now` on, what was not earned yet is earned until `endsAt`: it need not last for longer. */
  endBy(endsAt: number, now: number): void {
    const { total, burst, startedAt, spanMs } = this.plan;
    const earned = Math.min(total, burst + ((total - burst) * (now - startedAt)) / spanMs);
    this.plan = { total, burst: earned, startedAt: now, spanMs: Math.max(1, endsAt - now) };
  }

  /** Whether it has to do with less than one a second. */
  isScarce(now: number): boolean {
    return this.pace(now) > SCARCE_MS;
  }

  /** From one to the next, in ms, where half of what is left, but for a few, is to last for the rest of the time. */
  pace(now: number): number {
    const { startedAt, spanMs } = this.plan;
    return (2 * Math.max(0, startedAt + spanMs - now)) / Math.max(1, this.left - SPARE);
  }
}

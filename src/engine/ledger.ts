import type { Outcome } from './outcome.ts';

/** Outcomes on their way into D1: those that come back while one write is under way are written together by the next. */
export class Ledger {
  private gathered: Outcome[] = [];
  private beingWritten: Outcome[] = [];
  private since = -Infinity;

  get isEmpty(): boolean {
    return this.gathered.length + this.beingWritten.length === 0;
  }

  /** Whether there is something to write, and no write under way. */
  get isReady(): boolean {
    return this.gathered.length > 0 && this.beingWritten.length === 0;
  }

  /** Since when the first of what is to be written waits. Epoch ms. */
  get waitsSince(): number {
    return this.since;
  }

  add(outcome: Outcome, now: number): void {
    if (this.gathered.length === 0) this.since = now;
    this.gathered.push(outcome);
  }

  /** Whether the task has an outcome that D1 does not have yet. */
  has(taskId: string): boolean {
    const isOf = ({ settlement }: Outcome): boolean => settlement?.task.id === taskId;
    return this.gathered.some(isOf) || this.beingWritten.some(isOf);
  }

  /** Hands all that has gathered to `write`; what it throws on is kept for another try. */
  async write(write: (outcomes: readonly Outcome[]) => Promise<void>): Promise<void> {
    this.beingWritten = this.gathered;
    this.gathered = [];
    try {
      await write(this.beingWritten);
    } catch (error) {
      this.gathered.unshift(...this.beingWritten);
      throw error;
    } finally {
      this.beingWritten = [];
    }
  }
}

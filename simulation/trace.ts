import { createHash } from 'node:crypto';

/** What happened, line by line: its hash tells whether two runs are the same run. */
export class Trace {
  private readonly hash = createHash('sha256');
  private readonly print: ((line: string) => void) | null;
  private readonly now: () => number;
  private readonly startMs: number;

  /** @param print gets each line as it happens; null where nobody reads along. */
  constructor(now: () => number, print: ((line: string) => void) | null) {
    this.now = now;
    this.startMs = now();
    this.print = print;
  }

  add(line: string): void {
    const stamped = `${((this.now() - this.startMs) / 1_000).toFixed(3).padStart(9)}  ${line}`;
    this.hash.update(stamped);
    this.print?.(stamped);
  }

  digest(): string {
    return this.hash.copy().digest('hex').slice(0, 16);
  }
}

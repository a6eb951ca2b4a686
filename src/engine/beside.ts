import type { Bell } from './bell.ts';

/** What may run beside the loop. */
type Work = 'looking' | 'writing';

/** Requests to D1 that run beside the loop, at most one of each kind at a time; each rings the bell when it is done. */
export class Beside {
  private readonly bell: Bell;
  private readonly running = new Map<Work, Promise<void>>();
  private first: { readonly error: unknown } | null = null;

  constructor(bell: Bell) {
    this.bell = bell;
  }

  /** What the first thing threw that broke, or null: it ends the tick. */
  get failure(): { readonly error: unknown } | null {
    return this.first;
  }

  fail(error: unknown): void {
    this.first ??= { error };
  }

  has(what: Work): boolean {
    return this.running.has(what);
  }

  /** Each of them as it comes to its end. None rejects. */
  get done(): Promise<void>[] {
    return Array.from(this.running.values());
  }

  run(what: Work, work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.running.delete(what);
        this.bell.ring();
      });
    this.running.set(what, done);
  }
}

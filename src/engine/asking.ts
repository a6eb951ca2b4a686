/**
 * How many tasks of each upstream key are being asked for at this moment, in this isolate: they count as running, so that
 * many posts at once do not all meet the same free slot.
 */
export class Asking {
  private readonly counts = new Map<string, number>();

  of(accountId: string): number {
    return this.counts.get(accountId) ?? 0;
  }

  async during<T>(accountId: string, ask: () => Promise<T>): Promise<T> {
    this.counts.set(accountId, this.of(accountId) + 1);
    try {
      return await ask();
    } finally {
      const left = this.of(accountId) - 1;
      if (left > 0) this.counts.set(accountId, left);
      else this.counts.delete(accountId);
    }
  }
}

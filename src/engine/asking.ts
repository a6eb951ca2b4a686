/** Of one upstream key so many tasks are asked for at once by the posts of one isolate; the tick asks for the others, in turn. */
const MAX_ASKED = 8;

/** How many tasks of each upstream key this isolate asks for at this moment, for posts that wait for the answer. */
export class Asking {
  private readonly counts = new Map<string, number>();

  /** Whether one more has to wait: many posts at once do not all meet the same free slot, nor the same limit of rate. */
  isRush(keyId: string): boolean {
    return (this.counts.get(keyId) ?? 0) >= MAX_ASKED;
  }

  async during<T>(keyId: string, ask: () => Promise<T>): Promise<T> {
    this.counts.set(keyId, (this.counts.get(keyId) ?? 0) + 1);
    try {
      return await ask();
    } finally {
      const left = (this.counts.get(keyId) ?? 1) - 1;
      if (left > 0) this.counts.set(keyId, left);
      else this.counts.delete(keyId);
    }
  }
}

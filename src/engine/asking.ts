import type { CreateAnswer } from '../domain/upstream.ts';

/**
 * Of one upstream key so many tasks are asked for at once by the posts of one isolate; the tick asks for the others, in turn. With each
 * task that upstream takes it is one more, up to the most; with the first that it does not take, it is as at the beginning.
 */
const FIRST_ASKED = 8;
const MAX_ASKED = 200;

interface Asked {
  count: number;
  most: number;
}

/** How many tasks of each upstream key this isolate asks for at this moment, for posts that wait for the answer. */
export class Asking {
  private readonly keys = new Map<string, Asked>();

  /** Whether one more has to wait: many posts at once do not all meet the same free slot, nor the same limit of rate. */
  isRush(keyId: string): boolean {
    const asked = this.keys.get(keyId);
    return asked !== undefined && asked.count >= asked.most;
  }

  /** Upstream has answered one of them. */
  answered(keyId: string, { kind }: CreateAnswer): void {
    const asked = this.keys.get(keyId);
    if (asked === undefined) return;
    if (kind === 'created') asked.most = Math.min(MAX_ASKED, asked.most + 1);
    if (kind === 'full' || kind === 'limited' || kind === 'unavailable') asked.most = FIRST_ASKED;
  }

  async during<T>(keyId: string, ask: () => Promise<T>): Promise<T> {
    const asked = this.keys.get(keyId) ?? { count: 0, most: FIRST_ASKED };
    this.keys.set(keyId, asked);
    asked.count++;
    try {
      return await ask();
    } finally {
      asked.count--;
      if (asked.count === 0) this.keys.delete(keyId);
    }
  }
}

import type { RefusedPost } from '../store/refused-posts.ts';

/** Posts that were refused in this isolate and are not written yet. */
export class RefusedPosts {
  private counts = new Map<string, RefusedPost>();

  /** Returns whether it is the first since they were taken: then somebody has to write them. */
  count(clientId: string, reason: string): boolean {
    const isFirst = this.counts.size === 0;
    const name = `${clientId} ${reason}`;
    this.counts.set(name, { clientId, reason, count: (this.counts.get(name)?.count ?? 0) + 1 });
    return isFirst;
  }

  /** What was counted; from here on it counts from nothing. */
  take(): RefusedPost[] {
    const taken = Array.from(this.counts.values());
    this.counts = new Map();
    return taken;
  }
}

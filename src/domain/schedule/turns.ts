/**
 * Whose turn it is among clients that share something: the one that was served least since it came. A client that comes back
 * starts where the others stand, so it neither has a claim to what it did not use nor a debt for what it did.
 */
export class Turns {
  private readonly served = new Map<string, number>();
  private stand = 0;

  /** The lower, the sooner. */
  of(clientId: string): number {
    return Math.max(this.served.get(clientId) ?? 0, this.stand);
  }

  /** It had its turn, which counts as so many. */
  serve(clientId: string, turns = 1): void {
    this.stand = this.of(clientId);
    this.served.set(clientId, this.stand + turns);
  }
}

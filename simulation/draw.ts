import { hashText, seededRandom } from '../sandbox/upstream/random.ts';

/**
 * Random draws of one stream of a seed. Streams are apart: what the network draws does not shift what the plan draws, so a
 * changed engine still meets the same world.
 */
export class Draw {
  private readonly random: () => number;

  constructor(seed: number, stream: string) {
    this.random = seededRandom(hashText(`${stream}:${seed}`));
  }

  /** In [0, 1). */
  next(): number {
    return this.random();
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }

  /** One of at least one item. */
  pick<const Items extends readonly [unknown, ...unknown[]]>(items: Items): Items[number] {
    return items[Math.floor(this.random() * items.length)];
  }

  bytes<Bytes extends Uint8Array>(into: Bytes): Bytes {
    for (let i = 0; i < into.length; i++) into[i] = this.between(0, 255);
    return into;
  }
}

interface Moment {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Virtual time: a list of moments, run one after the other in the order of their instants, and in the order in which they
 * were entered where those are equal. Between two of them everything that can go on without time passing goes on.
 */
export class Timeline {
  private now: number;
  private moments: Moment[] = [];

  /** @param startMs epoch ms. */
  constructor(startMs: number) {
    this.now = startMs;
  }

  /** True time, epoch ms: the clocks of Ringback's machines may be off. */
  get nowMs(): number {
    return this.now;
  }

  /** Returns what takes the moment off the list again. */
  after(ms: number, run: () => void): () => void {
    const moment = { at: this.now + Math.max(0, ms), run };
    let place = this.moments.length;
    while (place > 0 && (this.moments[place - 1]?.at ?? 0) > moment.at) place--;
    this.moments.splice(place, 0, moment);
    return () => {
      this.moments = this.moments.filter((other) => other !== moment);
    };
  }

  async pass(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Runs moments until `isOver` or until none is left; `afterEach` is called whenever all has come to rest again. */
  async run(isOver: () => boolean, afterEach: () => void): Promise<void> {
    await atRest();
    while (!isOver()) {
      const next = this.moments.shift();
      if (next === undefined) return;
      this.now = next.at;
      next.run();
      await atRest();
      afterEach();
    }
  }
}

/**
 * All promises that could settle have settled. Nothing in the simulation does real I/O (SQLite and crypto are synchronous),
 * so microtasks are all there is, and Node runs them before it comes to an immediate.
 */
async function atRest(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

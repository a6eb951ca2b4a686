import type { Draw } from './draw.ts';
import type { Timeline } from './timeline.ts';

const MAX_DELAY_MS = 30_000;

/** A queue at its worst: of the wake-ups sent to it some are lost, some come twice, and all come late. */
export class WakeUps {
  private readonly timeline: Timeline;
  private readonly draw: Draw;
  private readonly deliver: () => void;

  constructor(timeline: Timeline, draw: Draw, deliver: () => void) {
    this.timeline = timeline;
    this.draw = draw;
    this.deliver = deliver;
  }

  async sendBatch(messages: Iterable<unknown>): Promise<void> {
    for (let left = Array.from(messages).length; left > 0; left--) {
      for (let copies = this.draw.pick([0, 1, 1, 2]); copies > 0; copies--) this.late();
    }
  }

  private late(): void {
    this.timeline.after(this.draw.between(1, MAX_DELAY_MS), this.deliver);
  }
}

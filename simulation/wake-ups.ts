import type { WakeUp } from '../src/wiring/wake-up.ts';
import type { Draw } from './draw.ts';
import type { Timeline } from './timeline.ts';

const MAX_LATE_MS = 30_000;
/** How often it takes no message, as on a day that used up its operations. */
const REFUSED = 0.1;

/** A queue at its worst: of the messages sent to it some are lost, some come twice, all come late, and some it does not take. */
export class WakeUps {
  private readonly timeline: Timeline;
  private readonly draw: Draw;
  private readonly deliver: (message: WakeUp) => void;

  constructor(timeline: Timeline, draw: Draw, deliver: (message: WakeUp) => void) {
    this.timeline = timeline;
    this.draw = draw;
    this.deliver = deliver;
  }

  async send(message: WakeUp, { delaySeconds = 0 }: QueueSendOptions = {}): Promise<void> {
    if (this.draw.chance(REFUSED))
      throw new Error('Queue send failed: the operations of the day are used up');
    for (let copies = this.draw.pick([0, 1, 1, 2]); copies > 0; copies--) {
      const inMs = delaySeconds * 1_000 + this.draw.between(1, MAX_LATE_MS);
      this.timeline.after(inMs, () => this.deliver(message));
    }
  }

  async sendBatch(messages: Iterable<MessageSendRequest<WakeUp>>): Promise<void> {
    for (const { body } of messages) await this.send(body);
  }
}

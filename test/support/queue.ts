import { legOf } from '../../src/wiring/wake-up.ts';
import type { WakeUp } from '../../src/wiring/wake-up.ts';
import type { FakeClock } from './fake-clock.ts';

/** A message that was sent, and when it is to come. Epoch ms. */
export interface Sent {
  readonly body: WakeUp;
  readonly at: number;
}

/** A queue that keeps what is sent to it: who tests says what comes, and when. */
export class FakeQueue {
  readonly sent: Sent[] = [];
  /** As on a day that used up its operations. */
  isRefusing = false;
  private readonly clock: FakeClock;

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  /** How many further workers were called. */
  get workers(): number {
    return this.sent.filter(({ body }) => legOf(body) === null).length;
  }

  /** The calls of a tick's next leg. */
  get legs(): readonly Sent[] {
    return this.sent.filter(({ body }) => legOf(body) !== null);
  }

  async send(body: WakeUp, { delaySeconds = 0 }: QueueSendOptions = {}): Promise<QueueSendResponse> {
    if (this.isRefusing) throw new Error('Queue send failed: the operations of the day are used up');
    this.sent.push({ body, at: this.clock.now() + delaySeconds * 1_000 });
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  }

  async sendBatch(messages: Iterable<MessageSendRequest<WakeUp>>): Promise<QueueSendBatchResponse> {
    for (const { body } of messages) await this.send(body);
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  }

  /** As the binding that it stands for. */
  get binding(): Queue<WakeUp> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the part of a queue that is used
    return this as unknown as Queue<WakeUp>;
  }
}

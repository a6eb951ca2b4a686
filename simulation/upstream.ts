import { UpstreamSimulator } from '../sandbox/upstream/simulator.ts';
import type { Envelope } from '../sandbox/upstream/envelope.ts';
import type { Chaos, UpstreamFault } from './chaos.ts';
import type { Draw } from './draw.ts';
import type { Ledger } from './ledger.ts';
import type { Timeline } from './timeline.ts';

export type UpstreamReply =
  | { readonly status: number; readonly body: string; readonly afterMs: number }
  | 'hang'
  | 'reset';

/** How long upstream thinks: long enough that other things happen meanwhile. */
const LEAST_THOUGHT_MS = 20;
const MOST_THOUGHT_MS = 800;

const HTML = '<html><body><h1>502 Bad Gateway</h1></body></html>';
/** A task is said to be missing (404) no more than once by chance: twice in a minute means that it is lost. */
const MAX_FALSE_MISSING = 1;

/** The sandbox's simulator behind a network that lies; each answer has links of its own, as signed links are. */
export class Upstream {
  readonly simulator: UpstreamSimulator;
  private readonly timeline: Timeline;
  private readonly chaos: Chaos;
  private readonly ledger: Ledger;
  private readonly draw: Draw;
  private readonly missed = new Map<string, number>();

  constructor(world: { timeline: Timeline; chaos: Chaos; ledger: Ledger; timeScale: number }, draw: Draw) {
    this.timeline = world.timeline;
    this.chaos = world.chaos;
    this.ledger = world.ledger;
    this.draw = draw;
    this.simulator = new UpstreamSimulator({
      now: () => world.timeline.nowMs,
      random: () => draw.next(),
      timeScale: world.timeScale,
    });
  }

  answer(url: URL, headers: Headers, body: string): UpstreamReply {
    const isCreate = url.pathname.endsWith('/createTask');
    const authorization = headers.get('authorization');
    const taskId = url.searchParams.get('taskId');
    const run = (): Envelope =>
      isCreate
        ? this.create(authorization, headers.get('x-request-id'), body)
        : this.simulator.recordInfo({ authorization, taskId, origin: 'https://files.test' });
    const struck = this.chaos.upstream(isCreate ? 'createTask' : 'recordInfo');
    if (struck === null || (struck.fault === 404 && !this.mayMiss(taskId ?? ''))) return this.reply(run());
    if (struck.afterEffect) run();
    return this.faulty(struck.fault);
  }

  private create(authorization: string | null, requestId: string | null, body: string): Envelope {
    const before = this.simulator.snapshot().tasks.length;
    const envelope = this.simulator.createTask({ authorization, requestId, body });
    const { tasks } = this.simulator.snapshot();
    const made = tasks.length > before ? tasks.at(-1) : undefined;
    if (made !== undefined) {
      const intent = /intent-\d+/.exec(body)?.[0] ?? '';
      this.ledger.charges.push({ upstreamTaskId: made.taskId, requestId: made.requestId ?? '', intent });
    }
    return envelope;
  }

  private faulty(fault: UpstreamFault): UpstreamReply {
    if (fault === 'malformed') return { status: 200, body: HTML, afterMs: this.thoughtMs() };
    if (fault === 'hang') return 'hang';
    if (fault === 'disconnect') return 'reset';
    const data = fault === 429 ? { retryAfter: this.draw.between(1, 20) } : null;
    return this.reply({ code: fault, msg: `fault ${fault}`, data });
  }

  private reply(envelope: Envelope): UpstreamReply {
    // Links are signed anew in each answer: two readings of one end are two results.
    const body = JSON.stringify(envelope).replaceAll(
      /(https:[^"\\]+?\/result-\d+\.\w+)/g,
      `$1?signed=${this.timeline.nowMs}`,
    );
    return { status: envelope.code, body, afterMs: this.thoughtMs() };
  }

  private thoughtMs(): number {
    return this.draw.between(LEAST_THOUGHT_MS, MOST_THOUGHT_MS);
  }

  private mayMiss(taskId: string): boolean {
    const missed = this.missed.get(taskId) ?? 0;
    this.missed.set(taskId, missed + 1);
    return missed < MAX_FALSE_MISSING;
  }
}

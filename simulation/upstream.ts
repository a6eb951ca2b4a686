import { UpstreamSimulator } from '../sandbox/upstream/simulator.ts';
import type { Envelope } from '../sandbox/upstream/envelope.ts';
import type { Chaos, Oddity, UpstreamFault } from './chaos.ts';
import type { Draw } from './draw.ts';
import type { Ledger } from './ledger.ts';
import type { Timeline } from './timeline.ts';

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly afterMs: number;
}

/** A task that upstream runs, as it counts them itself. */
export interface RunningTask {
  readonly upstreamTaskId: string;
  readonly requestId: string;
}

export type UpstreamReply = Reply | 'hang' | 'reset';

/** How long upstream thinks: long enough that other things happen meanwhile. */
const LEAST_THOUGHT_MS = 20;
const MOST_THOUGHT_MS = 800;

const ORIGIN = 'https://files.test';
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
  /** Ids that Ringback has asked about: it has written them down. */
  private readonly askedFor = new Set<string>();

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

  /** What it runs now. */
  running(): RunningTask[] {
    const now = this.timeline.nowMs;
    return this.simulator
      .snapshot()
      .tasks.filter(({ endTime }) => endTime === null || endTime > now)
      .map(({ taskId, requestId }) => ({ upstreamTaskId: taskId, requestId: requestId ?? '' }));
  }

  answer(url: URL, headers: Headers, body: string): UpstreamReply {
    const isCreate = url.pathname.endsWith('/createTask');
    const authorization = headers.get('authorization');
    const taskId = url.searchParams.get('taskId');
    const run = (): Envelope => {
      const envelope = isCreate
        ? this.create(authorization, headers.get('x-request-id'), body)
        : this.recordInfo(authorization, taskId ?? '');
      this.noteLimit(envelope, isCreate, authorization);
      return envelope;
    };
    const struck = this.chaos.upstream(isCreate ? 'createTask' : 'recordInfo');
    if (taskId !== null) this.askedFor.add(taskId);
    if (taskId !== null) this.ledger.polledAt.set(taskId, this.timeline.nowMs);
    if (isCreate) this.ledger.submittedAt.set(headers.get('x-request-id') ?? '', this.timeline.nowMs);
    if (struck === null || (struck.fault === 404 && !this.mayMiss(taskId ?? ''))) {
      const odd = this.chaos.oddity();
      return odd === null ? this.reply(run()) : this.oddly(odd, run, this.mixedUp(isCreate, headers, taskId));
    }
    if (struck.afterEffect) run();
    // Nobody can count a task that is there although upstream said that it is full.
    if (isCreate && struck.fault === 409) this.loseMade(headers.get('x-request-id'));
    if (struck.fault === 404 && taskId !== null) this.ledger.lost.add(taskId);
    return this.faulty(struck.fault);
  }

  private loseMade(requestId: string | null): void {
    const made = this.ledger.charges.findLast((charge) => charge.requestId === requestId);
    if (made !== undefined) this.ledger.lost.add(made.upstreamTaskId);
  }

  private noteLimit({ code }: Envelope, isCreate: boolean, authorization: string | null): void {
    if (code !== 409 && code !== 429) return;
    const endpoint = isCreate ? 'createTask' : 'recordInfo';
    this.ledger.limits.push({ authorization: authorization ?? '', endpoint, code, at: this.timeline.nowMs });
  }

  private recordInfo(authorization: string | null, taskId: string): Envelope {
    const envelope = this.simulator.recordInfo({ authorization, taskId, origin: ORIGIN });
    if (envelope.code === 404) this.ledger.lost.add(taskId);
    return envelope;
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

  /** What is answered to another task of the key; null where there is none that Ringback could tell apart. */
  private mixedUp(isCreate: boolean, headers: Headers, taskId: string | null): Envelope | null {
    const authorization = headers.get('authorization');
    if (!isCreate) return this.simulator.recordOther({ authorization, taskId, origin: ORIGIN });
    const other = this.simulator.createOther({ authorization, requestId: headers.get('x-request-id') });
    // An id that it was never told of is as good as its own.
    const { taskId: id } = Object(other?.data) as { taskId?: unknown };
    return this.askedFor.has(String(id)) ? other : null;
  }

  private oddly(odd: Oddity, run: () => Envelope, mixedUp: Envelope | null): UpstreamReply {
    const wait = this.draw.between(1, 20);
    const limited = {
      code: 429,
      msg: 'slow down',
      data: odd === 'limit-text' ? { retryAfter: `${wait}` } : null,
    };
    const afterMs = this.thoughtMs();
    switch (odd) {
      case 'text-code': {
        const envelope = run();
        return this.reply({ ...envelope, code: `${envelope.code}` });
      }
      case 'other-task':
        return this.reply(mixedUp ?? run());
      case 'limit-text':
        return this.reply(limited);
      case 'limit-header':
        return { ...this.reply(limited), headers: { 'retry-after': `${wait}` } };
      case 'limit-bare':
        return { status: 429, body: 'Too Many Requests', headers: { 'retry-after': `${wait}.5` }, afterMs };
    }
  }

  private faulty(fault: UpstreamFault): UpstreamReply {
    if (fault === 'malformed') return { status: 200, body: HTML, afterMs: this.thoughtMs() };
    if (fault === 'hang') return 'hang';
    if (fault === 'disconnect') return 'reset';
    const data = fault === 429 ? { retryAfter: this.draw.between(1, 20) } : null;
    return this.reply({ code: fault, msg: `fault ${fault}`, data });
  }

  private reply(envelope: Omit<Envelope, 'code'> & { code: number | string }): Reply {
    // Links are signed anew in each answer: two readings of one end are two results.
    const body = JSON.stringify(envelope).replaceAll(
      /(https:[^"\\]+?\/result-\d+\.\w+)(?![\w.])/g,
      `$1?signed=${this.timeline.nowMs}`,
    );
    return { status: Number(envelope.code), body, afterMs: this.thoughtMs() };
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

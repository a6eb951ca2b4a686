import { SimulatedBucket } from './bucket.ts';
import { Caller } from './caller.ts';
import { Chaos } from './chaos.ts';
import { SimulatedD1 } from './database.ts';
import { Draw } from './draw.ts';
import { RelayClock } from './invocation.ts';
import type { Invocation } from './invocation.ts';
import { Ledger } from './ledger.ts';
import type { Send } from './ledger.ts';
import { Network } from './network.ts';
import type { Outgoing } from './network.ts';
import type { Subscribed } from './ledger.ts';
import type { ClientPlan, Plan, SubscriptionPlan } from './plan.ts';
import { Receivers } from './receivers.ts';
import { ADMIN_TOKEN, Relay } from './relay.ts';
import { Timeline } from './timeline.ts';
import { Trace } from './trace.ts';
import { Upstream } from './upstream.ts';
import { WakeUps } from './wake-ups.ts';

/** Where every run begins: 2026-11-22T15:00:00Z. */
const START_MS = Date.UTC(2026, 10, 22, 15);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** How often it is looked whether what is to happen in time has happened. */
const LOOK_EVERY_MS = 10_000;

export interface Watch {
  readonly onFetch: (by: Invocation, request: Outgoing) => void;
  readonly onD1Request: (by: Invocation) => void;
  readonly onSend: (send: Send) => void;
  /** Called every few seconds once it is calm. */
  readonly inTheCalm: () => void;
}

/** Ringback and everything around it, for one seed. */
export class World {
  readonly plan: Plan;
  readonly timeline = new Timeline(START_MS);
  readonly trace: Trace;
  readonly ledger = new Ledger();
  readonly clock = new RelayClock(this.timeline);
  readonly db: SimulatedD1;
  readonly chaos: Chaos;
  readonly upstream: Upstream;
  /** Where results are kept; null where none are. */
  readonly bucket: SimulatedBucket | null;
  readonly activeLimits = new Map<string, number>();
  readonly signingSecrets = new Map<string, string>();
  /** Since when nothing goes wrong any more, in true time; null before. */
  calmSince: number | null = null;
  private readonly watch: Watch;
  private readonly relay: Relay;
  private readonly keys: string[] = [];
  private readonly callers: Draw;
  private callersLeft: number;

  constructor(plan: Plan, watch: Watch, print: ((line: string) => void) | null) {
    const { timeline, clock, ledger } = this;
    const { seed } = plan;
    const draw = (stream: string) => new Draw(seed, stream);
    this.plan = plan;
    this.watch = watch;
    this.callers = draw('callers');
    this.callersLeft = plan.intents.length;
    const trace = new Trace(() => timeline.nowMs, print);
    const chaos = new Chaos(
      { chaos: draw('chaos'), oddities: draw('oddities'), files: draw('files') },
      plan.rates,
      () => timeline.nowMs,
    );
    const { d1Requests } = plan;
    const { onD1Request } = watch;
    const db = new SimulatedD1({ timeline, chaos, trace, d1Requests, onD1Request }, draw('sqlite'));
    const upstream = new Upstream({ timeline, chaos, ledger, timeScale: plan.timeScale }, draw('upstream'));
    const receivers = new Receivers(draw('receivers'), plan.retryDelaysMs.length);
    const silenceOf = (host: string) => this.silenceOf(host);
    const wires = { timeline, clock, chaos, trace, ledger, upstream, receivers, silenceOf };
    const network = new Network({ ...wires, ...watch });
    this.trace = trace;
    this.upstream = upstream;
    this.chaos = chaos;
    this.db = db;
    const queue = draw('queue');
    const wakeUps = queue.chance(0.5)
      ? new WakeUps(timeline, queue, (message) => void this.relay.wake(message))
      : null;
    this.bucket = plan.keepsResults ? new SimulatedBucket({ timeline, chaos, trace }) : null;
    const bucket = this.bucket;
    const parts = { vars: plan.vars, bucket, db, network, clock, trace, ledger, wakeUps };
    this.relay = new Relay({ ...parts, draw: draw('engine') });
  }

  /** Starts everything that the plan says; it happens as the timeline runs. */
  start(): void {
    this.live().catch((error: unknown) =>
      this.ledger.surprises.push(`the simulation broke: ${String(error)}`),
    );
  }

  /** Whether the calm has come, and nothing is left to do. */
  get isQuiet(): boolean {
    return this.isIdle && (this.bucket === null || this.isSwept);
  }

  private get isIdle(): boolean {
    const isOver = this.chaos.isCalm && this.callersLeft === 0 && !this.relay.isTicking;
    return isOver && this.isStarted && !this.hasWork();
  }

  private isStarted = false;
  /** Maintenance has compared the bucket with the tasks since. */
  private isSwept = false;
  /** When clients post and things begin to go wrong, in true time. */
  private startedAt = Infinity;

  private async live(): Promise<void> {
    const { plan, timeline, chaos } = this;
    for (const client of plan.clients) await this.makeClient(client);
    this.isStarted = true;
    chaos.isCalm = false;
    this.startedAt = timeline.nowMs;
    this.schedule();
    await timeline.pass(plan.calmAfterMs);
    this.trace.add('CALM: from here on nothing goes wrong');
    chaos.isCalm = true;
    this.calmSince = timeline.nowMs;
    void this.lookNowAndThen();
    await this.tickUntilQuiet();
  }

  private async lookNowAndThen(): Promise<void> {
    for (;;) {
      await this.timeline.pass(LOOK_EVERY_MS);
      this.watch.inTheCalm();
    }
  }

  private schedule(): void {
    const { plan, timeline, relay, clock, chaos, trace, ledger, callers: draw } = this;
    for (const at of plan.tickAtMs) timeline.after(at, () => void relay.cron());
    // A wake-up of long ago: its sender's minute is over.
    for (const at of plan.tickAtMs) if (draw.chance(0.2)) timeline.after(at, () => void relay.wake({}));
    for (const at of plan.powerFailuresAtMs) timeline.after(at, () => relay.powerFailure());
    for (const { atMs, offsetMs } of plan.clockSteps) {
      timeline.after(atMs, () => {
        trace.add(`Ringback's clocks are off by ${offsetMs} ms`);
        clock.offsetMs = offsetMs;
      });
    }
    for (const { atMs, lengthMs } of plan.outages) {
      timeline.after(atMs, () => {
        trace.add(`D1 is out for ${lengthMs} ms`);
        chaos.outageUntil = timeline.nowMs + lengthMs;
      });
    }
    for (const one of plan.subscriptions) timeline.after(one.madeAtMs, () => void this.subscribe(one));
    for (const intent of plan.intents) {
      const key = this.keys[intent.client] ?? '';
      const caller = new Caller({ relay, timeline, chaos, draw, ledger, trace }, intent, key);
      void caller.run().then(() => this.callersLeft--);
    }
  }

  /** Heard or not: what its client was not told of, nothing is expected of. */
  private async subscribe({ client, url, events, madeAtMs, deletedAtMs }: SubscriptionPlan): Promise<void> {
    const { relay, timeline, clock, ledger } = this;
    const headers = {
      authorization: `Bearer ${this.keys[client] ?? ''}`,
      'content-type': 'application/json',
    };
    const body = JSON.stringify({ url, events });
    const made = await relay.request('POST', '/v1/subscriptions', { headers, body });
    if (made === null || made.status !== 201) return;
    const id = String(made.body['id']);
    const known: Subscribed = { events, madeAt: timeline.nowMs, deletedAt: null, isBeingDeleted: false };
    ledger.subscriptions.set(id, known);
    if (deletedAtMs === null) return;
    await timeline.pass(deletedAtMs - madeAtMs);
    known.isBeingDeleted = true;
    const gone = await relay.request('DELETE', `/v1/subscriptions/${id}`, { headers });
    if (gone?.status === 204) known.deletedAt = { truly: timeline.nowMs, byRelay: clock.now() };
  }

  /** One cron a minute, as it should be. */
  private async tickUntilQuiet(): Promise<void> {
    const { timeline, relay } = this;
    while (!this.isIdle) {
      void relay.cron();
      await timeline.pass(MINUTE_MS);
    }
    // Files and tasks are compared once an hour.
    await timeline.pass(HOUR_MS);
    await relay.cron();
    this.isSwept = true;
  }

  private silenceOf(host: string): 'hang' | 'reset' | null {
    const at = this.timeline.nowMs - this.startedAt;
    const silence = this.plan.silences.find(
      ({ host: silent, fromMs, untilMs }) => silent === host && at >= fromMs && at < untilMs,
    );
    return silence?.answer ?? null;
  }

  private hasWork(): boolean {
    const [row] = this.db.look(`select exists (select 1 from tasks where completed_at is null)
      or exists (select 1 from deliveries where state = 'pending') or exists (select 1 from abandoned) as work`);
    return row?.['work'] !== 0;
  }

  private async makeClient({ name, upstreamKey, maxActiveTasks, failureUrl }: ClientPlan): Promise<void> {
    const made = await this.relay.request('POST', '/admin/clients', {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        name,
        upstream_api_key: upstreamKey,
        max_active_tasks: maxActiveTasks,
        failure_callback_url: failureUrl,
      }),
    });
    const { id, key, signing_secret: secret } = made?.body ?? {};
    if (made?.status !== 201) throw new Error(`no client: ${JSON.stringify(made)}`);
    this.keys.push(String(key));
    this.signingSecrets.set(String(id), String(secret));
    if (maxActiveTasks !== null) this.activeLimits.set(String(id), maxActiveTasks);
  }
}

import { runCron, runLeg, runWorker } from '../src/engine/cron.ts';
import { createApp } from '../src/http/app.ts';
import type { Services } from '../src/http/services.ts';
import { createServices } from '../src/wiring/compose.ts';
import { legOf } from '../src/wiring/wake-up.ts';
import type { WakeUp } from '../src/wiring/wake-up.ts';
import type { Draw } from './draw.ts';
import { Invocation } from './invocation.ts';
import type { RelayClock } from './invocation.ts';
import type { Ledger } from './ledger.ts';
import type { Network } from './network.ts';
import type { SimulatedBucket } from './bucket.ts';
import type { SimulatedD1 } from './database.ts';
import type { Trace } from './trace.ts';
import type { WakeUps } from './wake-ups.ts';

export const ADMIN_TOKEN = 'simulation-admin-token-0123456789';
const MASTER_KEY = 'u7Qm2XcVb9Lz4RtYk1HsWd6NfJp0GaEo8iTxB5vZqCM=';
const ORIGIN = 'https://relay.test';
/** Errors that the simulation itself threw into Ringback: D1's, and no others. */
const INJECTED = /^(D1_ERROR: (?!.*SQLITE_ERROR)|internal error; reference = |R2_ERROR)/;

/** However long upstream hangs. */
const ANSWERED_WITHIN_MS = 15_000;
/** What tries of statements may add while D1 fails. */
const D1_TRIES_MS = 5_000;

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RelayParts {
  readonly vars: Readonly<Record<string, string>>;
  readonly db: SimulatedD1;
  readonly bucket: SimulatedBucket | null;
  readonly network: Network;
  readonly clock: RelayClock;
  readonly draw: Draw;
  readonly trace: Trace;
  readonly ledger: Ledger;
  /** What Ringback calls its workers by, where it has a queue. */
  readonly wakeUps: WakeUps | null;
}

/** Ringback, whole and unchanged, over simulated parts; each request and each cron is an invocation that can die. */
export class Relay {
  private readonly parts: RelayParts;
  private isolate: ReturnType<typeof boot>;
  private alive: Invocation[] = [];
  private count = 0;

  constructor(parts: RelayParts) {
    this.parts = parts;
    this.isolate = boot(parts);
  }

  /** Whether a cron is at work. */
  get isTicking(): boolean {
    return this.alive.some(({ dead, name }) => !dead && name.startsWith('cron'));
  }

  /** Everything dies at once, and starts anew with nothing but what stands in D1. */
  powerFailure(): void {
    this.parts.trace.add('POWER FAILURE');
    for (const invocation of this.alive) invocation.kill();
    this.isolate = boot(this.parts);
  }

  /** One request to its answer; null where Ringback died on it. */
  async request(method: string, path: string, init: RequestInit): Promise<Answer | null> {
    const { trace, ledger } = this.parts;
    const { app } = this.isolate;
    const { clock } = this.parts;
    const startedAt = { truly: clock.trueNow(), byItself: clock.now() };
    const done = await this.invoke('request', async () => {
      const response = await app.request(ORIGIN + path, { ...init, method }, {}, WAITS_FOR_NOBODY);
      return { status: response.status, text: await response.text() };
    });
    if (done === null) return null;
    const { status, text } = done.value;
    trace.add(`${method} ${path} → ${status}`);
    const waited = Number(/wait=(\d+)/.exec(new Headers(init.headers).get('prefer') ?? '')?.[1] ?? 0) * 1_000;
    // It waits by its own clock, which may be set back meanwhile.
    const tookMs = Math.min(clock.trueNow() - startedAt.truly, clock.now() - startedAt.byItself);
    if (tookMs > Math.max(ANSWERED_WITHIN_MS, waited) + D1_TRIES_MS)
      ledger.surprises.push(`${method} ${path} was answered only after ${tookMs} ms`);
    if (status >= 500 && ![502, 503].includes(status)) {
      ledger.surprises.push(`${method} ${path} was answered with ${status}: ${text}`);
    }
    return { status, body: JSON.parse(text || '{}') };
  }

  /** One cron, to its end or its death. */
  async cron(): Promise<void> {
    await this.tick('cron', runCron);
  }

  /** What a message calls, to its end or its death: the next leg of a tick, or a worker. */
  async wake(message: WakeUp): Promise<void> {
    const leg = legOf(message);
    if (leg === null) await this.tick('cron-worker', runWorker);
    else await this.tick('cron-leg', async (services) => await runLeg(services, leg));
  }

  private async tick(kind: string, run: (services: Services) => Promise<unknown>): Promise<void> {
    const { trace, ledger } = this.parts;
    const { services } = this.isolate;
    ledger.counts.ticks++;
    try {
      const done = await this.invoke(kind, async () => {
        try {
          return await run(services);
        } finally {
          trace.add(`the ${kind} is over`);
        }
      });
      trace.add(done === null ? `a ${kind} died` : `${kind}: ${JSON.stringify(done.value ?? null)}`);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      trace.add(`a ${kind} failed: ${words}`);
      if (!INJECTED.test(words)) ledger.surprises.push(`a ${kind} failed: ${words}`);
    }
  }

  private async invoke<T>(kind: string, work: () => Promise<T>): Promise<{ value: T } | null> {
    this.count++;
    const invocation = new Invocation(`${kind} ${this.count}`);
    this.alive = [...this.alive.filter(({ dead }) => !dead), invocation];
    this.parts.trace.add(`${invocation.name} begins`);
    try {
      const done = await invocation.run(work);
      if (done === null) this.parts.ledger.counts.deaths++;
      return done;
    } finally {
      if (kind.startsWith('cron')) {
        if (!invocation.dead && invocation.waiting > 0) {
          this.parts.ledger.surprises.push(`${invocation.name} left requests in flight behind`);
        }
        // The platform ends what a cron leaves behind.
        invocation.kill();
      }
    }
  }
}

/** What Ringback logs: an error that nobody threw into it on purpose is a surprise. */
export function judgeLog(line: string): string | null {
  const { error, message } = JSON.parse(line) as { error: string; message: string };
  const words = error.replace(/^\w+: /, '');
  return INJECTED.test(words) ? null : `${message}: ${error}`;
}

const WAITS_FOR_NOBODY = {
  waitUntil: (work: Promise<unknown>) => void work.catch(() => undefined),
  passThroughOnException: () => undefined,
  props: {},
};

function boot({ vars, db, bucket, network, clock, draw, wakeUps }: RelayParts) {
  const always = { limit: async () => ({ success: true }) };
  const bindings = {
    ADMIN_TOKEN,
    MASTER_KEY,
    DB: db,
    CLIENT_RATE: always,
    SIGN_IN_FAILURES: always,
    ...(wakeUps === null ? {} : { WAKE_UPS: wakeUps }),
    ...(bucket === null ? {} : { RESULTS: bucket.asBinding() }),
  };
  const env = { ...vars, ...bindings } as unknown as Env;
  const services = createServices(env, {
    fetch: network.fetch,
    clock,
    random: () => draw.next(),
  });
  return { services, app: createApp(services) };
}

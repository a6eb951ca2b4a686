import { text } from 'node:stream/consumers';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { seededRandom } from '../sandbox/upstream/random.ts';
import { listen, type Served } from './serve.ts';

/** Hosts of their own, by their ports. */
const HOSTS = 4;
/** Longer than `CALLBACK_TIMEOUT_SECONDS` of Ringback here. */
const LATE_MS = 3_500;
/** A receiver that is well answers by then. */
const MAX_WORK_MS = 400;
/** What a callback meets: an answer, or one of these. The last two come after the receiver has done its work. */
const FAULTS = ['refused', 'hung', 'reset', 'late', 'lost'] as const;
type Fate = 'answered' | (typeof FAULTS)[number];

/** A callback that came. */
export interface Arrival {
  /** From `webhook-id`. */
  webhookId: string;
  body: string;
  /** Whether the reference library takes its signature. */
  isSigned: boolean;
  /** `answered` once the 200 was written out, and `null` while nothing was. */
  fate: Fate | null;
  at: number;
}

/** Receivers on loopback that note what came, by the task's id in the query of their URL. */
export class Receivers {
  private readonly servers: Served[] = [];
  private readonly random: () => number;
  private rate = 0;
  private secret = '';
  readonly arrivals = new Map<string, Arrival[]>();

  private constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  static async start(seed: number): Promise<Receivers> {
    const receivers = new Receivers(seed);
    for (let host = 0; host < HOSTS; host += 1) {
      receivers.servers.push(
        await listen((request, response) => {
          receivers.take(request, response).catch(() => response.destroy());
        }),
      );
    }
    return receivers;
  }

  /** The callback URL of a job. */
  urlOf(job: number): string {
    return `${this.servers[job % HOSTS]?.origin}/hook?job=${job}`;
  }

  /** Signatures are checked with this. */
  expectSecret(secret: string): void {
    this.secret = secret;
  }

  /** From now on callbacks meet faults at this rate, from 0 to 1. */
  setFaults(rate: number): void {
    this.rate = rate;
  }

  ofJob(job: number): readonly Arrival[] {
    return this.arrivals.get(String(job)) ?? [];
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map(({ stop }) => stop()));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const job = new URL(request.url ?? '/', 'http://receiver').searchParams.get('job') ?? '';
    const arrival: Arrival = {
      webhookId: String(request.headers['webhook-id']),
      body,
      isSigned: this.isSigned(request, body),
      fate: null,
      at: Date.now(),
    };
    this.arrivals.set(job, [...(this.arrivals.get(job) ?? []), arrival]);
    const fate = this.draw();
    response.once('finish', () => {
      arrival.fate = fate;
    });
    if (fate !== 'answered') arrival.fate = fate;
    // A kill in this time makes a double.
    await sleep(fate === 'late' ? LATE_MS : this.random() * MAX_WORK_MS);
    if (fate === 'reset' || fate === 'lost') response.destroy();
    if (fate === 'refused') response.writeHead(500).end();
    if (fate === 'answered' || fate === 'late') response.end('ok');
  }

  private draw(): Fate {
    if (this.random() >= this.rate) return 'answered';
    return FAULTS[Math.floor(this.random() * FAULTS.length)] ?? 'reset';
  }

  private isSigned({ headers }: IncomingMessage, body: string): boolean {
    const signed = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    try {
      new Webhook(this.secret).verify(
        body,
        Object.fromEntries(signed.map((name) => [name, String(headers[name])])),
      );
      return true;
    } catch {
      return false;
    }
  }
}

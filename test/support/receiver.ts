import type { FakeClock } from './fake-clock.ts';
import type { Effects } from './effects.ts';

/** One answer of a scripted receiver; the last of a script is repeated. */
export type ScriptedAnswer =
  | {
      readonly status: number;
      /** As pairs where one header comes in several lines. */
      readonly headers?: Record<string, string> | [string, string][];
      readonly body?: string;
      readonly afterMs?: number;
    }
  /** Never answers. */
  | 'hang'
  /** Breaks the connection. */
  | 'reset';

export interface ReceivedCallback {
  /** Epoch ms, by Ringback's clock. */
  readonly at: number;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A callback receiver on a fake host: it keeps what came and answers by script. */
export class Receiver {
  readonly received: ReceivedCallback[] = [];
  private readonly script: ScriptedAnswer[];

  constructor(script: ScriptedAnswer[] = [{ status: 200 }]) {
    this.script = script;
  }

  async answer(request: Request, clock: FakeClock, effects: Effects): Promise<Response> {
    const { url, headers } = request;
    const body = await request.text();
    this.received.push({ at: clock.now(), url, headers: Object.fromEntries(headers), body });
    const scripted = this.script[Math.min(this.received.length, this.script.length) - 1] ?? { status: 200 };
    if (scripted === 'reset') throw new TypeError('Network connection lost.');
    if (scripted === 'hang') {
      await effects.asleep(clock.sleep(3_600_000, request.signal));
      throw new Error('aborted');
    }
    if (scripted.afterMs !== undefined) await effects.asleep(clock.sleep(scripted.afterMs, request.signal));
    return new Response(scripted.body ?? null, { status: scripted.status, headers: scripted.headers ?? {} });
  }
}

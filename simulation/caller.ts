import type { Chaos } from './chaos.ts';
import type { Draw } from './draw.ts';
import type { Ledger } from './ledger.ts';
import type { IntentPlan } from './plan-intents.ts';
import type { Answer, Relay } from './relay.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

export interface CallerWorld {
  readonly relay: Relay;
  readonly timeline: Timeline;
  readonly chaos: Chaos;
  readonly draw: Draw;
  readonly ledger: Ledger;
  readonly trace: Trace;
}

/** Answers after which the same request may be sent again. */
const AGAIN = new Set([409, 429, 502, 503]);
/** Once nothing goes wrong any more, more tries than this mean that Ringback never gives an answer. */
const MAX_TRIES = 60;

const AGAIN_SHARE = 0.5;
const AGAIN_WITHIN_MS = 4_000;

/** Somebody who wants something done, through answers that get lost; remembers what Ringback promised. */
export class Caller {
  private readonly world: CallerWorld;
  private readonly intent: IntentPlan;
  private readonly key: string;

  constructor(world: CallerWorld, intent: IntentPlan, key: string) {
    this.world = world;
    this.intent = intent;
    this.key = key;
  }

  /** Posts, and then cancels or redelivers, as planned; returns when there is nothing left to say. */
  async run(): Promise<void> {
    const { timeline } = this.world;
    const { postAtMs, isDoubled, cancelAfterMs, redeliverAfterMs } = this.intent;
    await timeline.pass(postAtMs);
    const ids = await Promise.all(Array.from({ length: isDoubled ? 2 : 1 }, async () => await this.post()));
    const id = ids.find((found) => found !== null);
    if (id === undefined || id === null) return;
    await Promise.all([
      cancelAfterMs === null ? null : timeline.pass(cancelAfterMs).then(async () => await this.cancel(id)),
      redeliverAfterMs === null
        ? null
        : timeline.pass(redeliverAfterMs).then(async () => await this.redeliver(id)),
    ]);
  }

  /** Until it has an answer, if it has an idempotency key; once or twice without. Returns the task's id. */
  private async post(): Promise<string | null> {
    const { ledger, timeline, draw } = this.world;
    const { name, idempotencyKey } = this.intent;
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      ledger.posts.set(name, (ledger.posts.get(name) ?? 0) + 1);
      const answer = await this.send(this.path, this.body());
      const id = answer === null ? null : idIn(answer);
      if (id !== null) {
        ledger.accepted.set(id, this.intent);
        return id;
      }
      if (answer !== null) ledger.refusals.set(name, (ledger.refusals.get(name) ?? 0) + 1);
      const isOver = answer !== null && !AGAIN.has(answer.status);
      if (isOver || (idempotencyKey === null && (tries > 1 || draw.chance(0.5)))) return null;
      await timeline.pass(draw.between(500, 15_000));
    }
    ledger.surprises.push(`${name} got no answer in ${MAX_TRIES} tries`);
    return null;
  }

  private async cancel(id: string): Promise<void> {
    const answer = await this.send(`/v1/tasks/${id}/cancel`, null);
    if (answer?.status === 200) this.world.ledger.canceled.add(id);
    this.expectFound(id, answer);
  }

  /** Now and then a second time, while the first is under way. */
  private async redeliver(id: string): Promise<void> {
    const { timeline, draw } = this.world;
    await this.redeliverOnce(id);
    if (!draw.chance(AGAIN_SHARE)) return;
    await timeline.pass(draw.between(0, AGAIN_WITHIN_MS));
    await this.redeliverOnce(id);
  }

  private async redeliverOnce(id: string): Promise<void> {
    // Whether it was heard or not: from here on the rules of a first delivery no longer hold.
    const { redelivered, promisedAgain } = this.world.ledger;
    redelivered.add(id);
    const askedAt = this.world.timeline.nowMs;
    const answer = await this.send(`/v1/tasks/${id}/redeliver`, null);
    if (answer?.status === 202) promisedAgain.set(id, askedAt);
    this.expectFound(id, answer);
  }

  private expectFound(id: string, answer: Answer | null): void {
    if (answer?.status === 404)
      this.world.ledger.surprises.push(`${id} was accepted, and is answered with 404`);
  }

  /** One request; null where it was lost, or its answer, or Ringback died on it. */
  private async send(path: string, body: object | null): Promise<Answer | null> {
    const { relay, chaos, timeline, trace } = this.world;
    const loss = chaos.loss();
    if (loss === 'request') return null;
    await timeline.pass(chaos.latencyMs());
    const answer = await relay.request('POST', path, {
      headers: this.headers(body !== null),
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    await timeline.pass(chaos.latencyMs());
    if (loss === null) return answer;
    trace.add(`the answer to ${this.intent.name} is lost`);
    return null;
  }

  private get path(): string {
    return this.intent.surface === 'v1' ? '/v1/tasks' : '/api/v1/jobs/createTask';
  }

  private headers(hasBody: boolean): Record<string, string> {
    const { idempotencyKey, surface, waitSeconds } = this.intent;
    const keyHeader = surface === 'v1' ? 'idempotency-key' : 'x-request-id';
    return {
      authorization: `Bearer ${this.key}`,
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(hasBody && idempotencyKey !== null ? { [keyHeader]: idempotencyKey } : {}),
      ...(hasBody && waitSeconds !== null ? { prefer: `wait=${waitSeconds}` } : {}),
    };
  }

  private body(): object {
    const { model, input, receiver, surface, name, timeoutSeconds } = this.intent;
    if (surface === 'drop-in') return { model, input, callBackUrl: receiver?.url ?? null };
    const callback = { callback_url: receiver?.url ?? null, callback_headers: { 'x-intent': name } };
    return { model, input, ...callback, metadata: { intent: name }, timeout_seconds: timeoutSeconds };
  }
}

/** The id of the task that was accepted, on either surface; null for every other answer. */
function idIn({ status, body }: Answer): string | null {
  if (status !== 200 && status !== 202) return null;
  const id = body['id'] ?? Object(body['data'])['taskId'];
  return typeof id === 'string' ? id : null;
}

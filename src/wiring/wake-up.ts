import type { Leg } from '../domain/schedule/plan.ts';
import type { WakeUps } from '../engine/deps.ts';

/** Calls an invocation. It carries no work, which is in D1: nothing for a further worker; for the next leg, how long that has. */
export type WakeUp = Partial<Leg>;

/** Optional: the queue that further invocations are called by. */
export interface WakeUpBinding {
  readonly WAKE_UPS?: Queue<WakeUp> | undefined;
}

/** Null where there is no queue. */
export function createWakeUps({ WAKE_UPS: queue }: WakeUpBinding): WakeUps | null {
  if (queue === undefined) return null;
  return {
    callWorkers: async (count) => {
      await queue.sendBatch(Array.from({ length: count }, () => ({ body: {} })));
    },
    callNextLeg: async ({ endsAt, legsLeft }, inMs) => {
      await queue.send({ endsAt, legsLeft }, { delaySeconds: Math.round(inMs / 1_000) });
    },
  };
}

/** The leg that a message calls for; null where it calls a worker, as anything else does that somebody put into the queue. */
export function legOf(message: unknown): Leg | null {
  if (typeof message !== 'object' || message === null) return null;
  const { endsAt, legsLeft }: Record<string, unknown> = { ...message };
  return isWhole(endsAt) && isWhole(legsLeft) ? { endsAt, legsLeft } : null;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

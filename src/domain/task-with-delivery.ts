import type { Delivery } from './delivery.ts';
import { isEnded } from './task.ts';
import type { Task } from './task.ts';

/** A task as its owner sees it: with the delivery that tells its end, and with the notice that this was given up. */
export interface TaskWithDelivery extends Task {
  /** Null while it has no end, and where it has no callback URL. */
  readonly delivery: Delivery | null;
  /** The latest; null where there is none. */
  readonly notice: Delivery | null;
}

/** The words of the outside for where a callback stands. */
export const CALLBACK_STATES = ['waiting', 'pending', 'delivered', 'failed'] as const;
export type CallbackState = (typeof CALLBACK_STATES)[number];

/** Where a task's callback stands, in one word of the outside; null where it has none. */
export function callbackState(task: TaskWithDelivery): CallbackState | null {
  const { callback, delivery } = task;
  if (callback === null) return null;
  if (delivery !== null) return delivery.state;
  // The wait for it was given up: nobody is told.
  return callback.format === 'wait' && isEnded(task) ? 'failed' : 'waiting';
}

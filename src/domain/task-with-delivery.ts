import type { Delivery } from './delivery.ts';
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
export function callbackState({ callback, delivery }: TaskWithDelivery): CallbackState | null {
  if (callback === null) return null;
  return delivery === null ? 'waiting' : delivery.state;
}

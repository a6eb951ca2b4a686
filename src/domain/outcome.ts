import type { Attempt } from './attempt.ts';
import type { Delivery } from './delivery.ts';
import type { Task } from './task.ts';
import type { Abandoned, KeyLesson } from './upstream-key.ts';

/** A task after a transition: written only where it is still at the revision before. */
export interface TaskChange {
  readonly task: Task;
  /** What is written instead where the task is given an id upstream that another task of the key has. */
  readonly otherwise?: Task | null;
  /** It ran upstream, and has ended there: a slot of its key is free. */
  readonly freesSlot?: true;
  /** Its end calls nobody back: who waited for it has given up. */
  readonly isUntold?: true;
  /** Until when its callback, which is written with its end, is leased to whoever writes it. Epoch ms. */
  readonly callbackLease?: number;
}

/** A delivery after its turn: written only where it is still at the revision before; an attempt is logged in any case. */
export interface DeliveryChange {
  readonly delivery: Delivery;
  /** Null where nothing was tried: it waits. */
  readonly attempt: Attempt | null;
  /** The lease that the attempt was made under, and that ends with it. Epoch ms. */
  readonly leasedUntil: number;
  /** The task's result as upstream gave it before this attempt; null where it was not asked, or gave no better one. */
  readonly resultJson: string | null;
  /** Where to tell that the callback was given up; null where it was not, or nobody wants to know. */
  readonly notice: { readonly url: string; readonly host: string } | null;
  /** What became of the subscription that it went to; null where it went to none. */
  readonly told?: SubscriptionTold | null;
}

/** An attempt as its subscription sees it. Epoch ms. */
export interface SubscriptionTold {
  readonly subscriptionId: string;
  readonly isDelivered: boolean;
  /** Why it is to be stopped, in words; null where it goes on. */
  readonly stops: string | null;
  /** Only where each of its deliveries has failed since before then; null: at once, if it was active at the attempt. */
  readonly stopsIfFailingSince: number | null;
}

/** What became of a task that upstream still ran: it has ended there, or is looked at again. Epoch ms. */
export interface Followed {
  readonly abandoned: Abandoned;
  readonly isOver: boolean;
  readonly dueAt: number;
}

/** A lease that is given back: nobody acts under it any more. */
export interface Release {
  readonly of: 'task' | 'delivery';
  readonly id: string;
  /** As it was taken: another one is not touched. Epoch ms. */
  readonly leasedUntil: number;
  /** Since when it is anybody's: behind what nobody has had yet. Epoch ms. */
  readonly at: number;
  /** It waits in its queue again, without a clock: its slot is free. */
  readonly toQueue: boolean;
}

/** What one job leaves to be written; several are written together. */
export interface Outcome {
  readonly task?: TaskChange;
  readonly delivery?: DeliveryChange;
  readonly lessons?: readonly KeyLesson[];
  /**
   * Upstream runs a task for us. Where ours does not run any more as it is written, it counts as active until upstream has ended
   * it. Epoch ms.
   */
  readonly running?: { readonly abandoned: Abandoned; readonly dueAt: number };
  readonly followed?: Followed;
  readonly release?: Release;
}

import type { Delivery } from '../delivery.ts';
import { nextFile } from '../keeping.ts';
import type { Sender, Subscription } from '../subscription.ts';
import type { KeepingTask, RunningTask, Task, UnsentTask } from '../task.ts';
import type { Abandoned } from '../upstream-key.ts';
import type { UpstreamEnd } from '../upstream.ts';
import { hostOf } from '../url-policy.ts';

interface AnyJob {
  /** Of the row that it acts on. */
  readonly id: string;
  readonly clientId: string;
  /** Not before this instant. Epoch ms. */
  readonly at: number;
  /** Whoever has it has it until then. Epoch ms. */
  readonly leasedUntil: number;
}

/** A delivery with all that it takes to send it: a job asks the database nothing. */
export interface DeliveryWork {
  readonly delivery: Delivery;
  /** What it is about; it has ended where a callback or a notice tells of it. Null where it is about no task. */
  readonly task: Task | null;
  /** Whose secrets sign it. */
  readonly client: Sender;
  /** Null where it goes to none; and where it is deleted. */
  readonly subscription: Subscription | null;
  /** What upstream said when it was asked again for this delivery; null where it was not. */
  readonly refreshed: UpstreamEnd | null;
}

/** One request to upstream. */
export type UpstreamJob = AnyJob & { readonly lane: 'upstream'; readonly keyId: string } &
  /** `fromQueue`: it was given a slot of its key, which is free again where upstream is not asked. */
  (
    | { readonly kind: 'submit'; readonly task: UnsentTask; readonly fromQueue: boolean }
    | { readonly kind: 'poll'; readonly task: RunningTask }
    /** Whether upstream has ended a task that ended here before. */
    | { readonly kind: 'follow'; readonly abandoned: Abandoned }
    /** The result of a task once more, before its callback is sent again. */
    | { readonly kind: 'refresh'; readonly work: DeliveryWork }
  );

/** One request to a receiver. */
export type DeliverJob = AnyJob & {
  readonly lane: 'callback';
  readonly kind: 'deliver';
  readonly work: DeliveryWork;
};

/** One file of a result on its way into the bucket; where none is left to try, the end of its task. */
export type CopyJob = AnyJob & {
  readonly lane: 'copy';
  readonly kind: 'copy';
  /** As far as its files are. */
  readonly task: KeepingTask;
  /** D1 does not know yet how far they are. */
  readonly isNews: boolean;
};

export type Job = UpstreamJob | DeliverJob | CopyJob;

/** Jobs of one group that are looked at: one that may not start does not stand before all behind it. */
export const LOOKED_AT = 50;

/** What the jobs of several clients wait for by turns: an upstream key, or else the lane's connections. */
export function sharedBy(job: Job): string {
  return job.lane === 'upstream' ? `${job.lane} ${job.keyId}` : job.lane;
}

/** What a job waits its turn in: an upstream key, a receiver's host, or the host that a file is copied from. */
export function laneKeyOf(job: Job): string {
  switch (job.lane) {
    case 'upstream':
      return job.keyId;
    case 'callback':
      return job.work.delivery.host;
    case 'copy':
      return sourceHostOf(job);
  }
}

function sourceHostOf({ task }: CopyJob): string {
  const { keeping } = task.phase;
  const place = nextFile(keeping);
  return hostOf(place === null ? '' : (keeping.files[place]?.source ?? ''));
}

/**
 * Whether it waits for what upstream says of the key's polls: pauses, and its rate. A submit has a pause of its own, and a task whose
 * deadline is over is looked at once more whatever was said: the answer, a 429 too, ends it.
 */
export function waitsForPolls(job: Job): boolean {
  if (job.lane !== 'upstream' || job.kind === 'submit') return false;
  return job.kind !== 'poll' || job.at < job.task.deadlineAt;
}

/** What a delivery that is leased is to do next: its result is fetched again first, where that was asked for. */
export function jobOfDelivery(work: DeliveryWork, at: number, leasedUntil: number): Job {
  const { delivery, task, refreshed } = work;
  const common = { id: delivery.id, clientId: delivery.clientId, at, leasedUntil, work };
  const canRefresh = task?.phase.state === 'succeeded' && task.phase.upstreamTaskId !== null;
  if (delivery.refresh && canRefresh && refreshed === null)
    return { ...common, lane: 'upstream', kind: 'refresh', keyId: task.accountId };
  return { ...common, lane: 'callback', kind: 'deliver' };
}

/** Under which a job that follows an abandoned task is known: the task's own id may be gone. */
export function followId({ keyId, upstreamTaskId }: Abandoned): string {
  return `${keyId} ${upstreamTaskId}`;
}

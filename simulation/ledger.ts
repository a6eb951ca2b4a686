import type { IntentPlan } from './plan-intents.ts';
import type { Invocation } from './invocation.ts';

/** One callback, as it went out and what came back. Instants in true time, epoch ms, unless named otherwise. */
export interface Send {
  readonly taskId: string;
  readonly webhookId: string;
  /** The notice that a callback was given up or what a subscription is told, and not the callback itself. */
  readonly isNotice: boolean;
  /** Null where it goes to none. */
  readonly subscriptionId: string | null;
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** By Ringback's clock. */
  readonly relayAt: number;
  /** In true time. */
  readonly sentAt: number;
  readonly by: Invocation;
  /** Null while it is under way. */
  endedAt: number | null;
  /** By Ringback's clock; null where nothing was answered. */
  answeredAt: number | null;
  status: number | null;
  retryAfter: string | null;
}

/** Upstream's 409 or 429. */
export interface Limit {
  readonly authorization: string;
  readonly endpoint: 'createTask' | 'recordInfo';
  readonly code: number;
  /** In true time. */
  readonly at: number;
}

/** A subscription as its client knows it. In true time. */
export interface Subscribed {
  readonly events: readonly string[];
  /** When its client was told that it is there. */
  readonly madeAt: number;
  /** When its client was told that it is gone, by Ringback's clock too. */
  deletedAt: { readonly truly: number; readonly byRelay: number } | null;
  /** Somebody asked for its end, heard or not. */
  isBeingDeleted: boolean;
}

/** A task that upstream made, and charged. */
export interface Charge {
  readonly upstreamTaskId: string;
  readonly requestId: string;
  /** The intent that its prompt names. */
  readonly intent: string;
}

/** What the world saw of Ringback: what the invariants are held against. */
export class Ledger {
  /** Task ids that a caller was told, with what the caller wanted. */
  readonly accepted = new Map<string, IntentPlan>();
  /** How often each intent was posted. */
  readonly posts = new Map<string, number>();
  /** How many of them were answered with a refusal that its caller heard. */
  readonly refusals = new Map<string, number>();
  readonly charges: Charge[] = [];
  readonly sends: Send[] = [];
  /** By their ids. */
  readonly subscriptions = new Map<string, Subscribed>();
  /** Ids of tasks whose callers were told that they are canceled. */
  readonly canceled = new Set<string>();
  /** Ids of tasks that a caller asked to redeliver, heard or not. */
  readonly redelivered = new Set<string>();
  /** And when the last of those was asked that the caller was told 202, in true time; by the task's id. */
  readonly promisedAgain = new Map<string, number>();
  /** Answers and exceptions that nobody should ever meet. */
  readonly surprises: string[] = [];
  /** When upstream was last asked for each request id, and for the record of each of its tasks. */
  readonly submittedAt = new Map<string, number>();
  readonly polledAt = new Map<string, number>();
  /** Upstream's tasks of which it has ever said that there is none: nobody can count on what it knows of them. */
  readonly lost = new Set<string>();
  /** When upstream said that a key has as much as it may, or asks too often; not where chaos said so. */
  readonly limits: Limit[] = [];
  readonly counts = { ticks: 0, deaths: 0 };

  sendsOf(taskId: string): Send[] {
    return this.sends.filter((send) => send.taskId === taskId && !send.isNotice);
  }
}

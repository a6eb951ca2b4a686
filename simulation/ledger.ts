import type { IntentPlan } from './plan-intents.ts';
import type { Invocation } from './invocation.ts';

/** One callback, as it went out and what came back. Instants in true time, epoch ms, unless named otherwise. */
export interface Send {
  readonly taskId: string;
  readonly webhookId: string;
  /** The notice that a callback was given up, and not the callback itself. */
  readonly isNotice: boolean;
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** By the relay's clock. */
  readonly relayAt: number;
  readonly by: Invocation;
  /** Null while it is under way. */
  endedAt: number | null;
  status: number | null;
  retryAfter: string | null;
}

/** A task that upstream made, and charged. */
export interface Charge {
  readonly upstreamTaskId: string;
  readonly requestId: string;
  /** The intent that its prompt names. */
  readonly intent: string;
}

/** What the world saw of the relay: what the invariants are held against. */
export class Ledger {
  /** Task ids that a caller was told, with what the caller wanted. */
  readonly accepted = new Map<string, IntentPlan>();
  /** How often each intent was posted. */
  readonly posts = new Map<string, number>();
  /** How many of them were answered with a refusal that its caller heard. */
  readonly refusals = new Map<string, number>();
  readonly charges: Charge[] = [];
  readonly sends: Send[] = [];
  /** Ids of tasks whose callers were told that they are canceled. */
  readonly canceled = new Set<string>();
  /** How often a caller asked to redeliver a task, heard or not; by its id. */
  readonly redelivered = new Map<string, number>();
  /** Answers and exceptions that nobody should ever meet. */
  readonly surprises: string[] = [];
  readonly counts = { ticks: 0, deaths: 0 };

  sendsOf(taskId: string): Send[] {
    return this.sends.filter((send) => send.taskId === taskId && !send.isNotice);
  }
}

import type { Attempt } from '../../domain/attempt.ts';
import { webhookId } from '../../domain/ids.ts';
import { isEnded } from '../../domain/task.ts';
import type { Task } from '../../domain/task.ts';
import type { Services } from '../../http/services.ts';
import type { InboxCallback } from '../../store/inbox.ts';

/** A task as its page shows it. */
export interface ViewedTask {
  readonly task: Task;
  readonly attempts: readonly Attempt[];
  readonly clientName: string;
  /** What came to the built-in inbox, newest first; null where the callback goes elsewhere. */
  readonly inbox: readonly InboxCallback[] | null;
  readonly now: number;
  readonly origin: string;
}

export async function readTask(services: Services, task: Task, origin: string): Promise<ViewedTask> {
  const now = services.clock.now();
  const [attempts, client, inbox] = await Promise.all([
    services.stores.callbacks.attempts(task.id),
    services.stores.clients.get(task.clientId),
    inboxOf(services, task, now),
  ]);
  const clientName = client?.name ?? task.clientId;
  return { task: services.pollCounts.of(task), attempts, clientName, inbox, now, origin };
}

async function inboxOf({ inbox }: Services, task: Task, now: number): Promise<InboxCallback[] | null> {
  if (task.delivery === null) return null;
  const address = await inbox.addressOf(task.delivery.url);
  // An inbox is its client's own, and shows what came about this task only: its address may have been used for others.
  if (address === null || address.clientId !== task.clientId) return null;
  return await inbox.read(address.inboxId, webhookId(task.id), now);
}

/** Whether nothing will change by itself any more. */
export function isSettled({ task }: ViewedTask): boolean {
  return isEnded(task) && task.delivery?.state !== 'pending' && task.delivery?.notice?.state !== 'pending';
}

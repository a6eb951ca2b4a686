import type { Attempt } from '../../domain/attempt.ts';
import { webhookId } from '../../domain/ids.ts';
import { isEnded } from '../../domain/task.ts';
import type { TaskWithDelivery } from '../../domain/task-with-delivery.ts';
import type { Services } from '../../http/services.ts';
import type { InboxCallback } from '../../store/inbox.ts';

const DAY_MS = 86_400_000;

/** A task as its page shows it. */
export interface ViewedTask {
  readonly task: TaskWithDelivery;
  /** Of its callback. */
  readonly attempts: readonly Attempt[];
  /** Of the notice that the callback was given up. */
  readonly noticeAttempts: readonly Attempt[];
  readonly clientName: string;
  /** What came to the built-in inbox, newest first; null where the callback goes elsewhere. */
  readonly inbox: readonly InboxCallback[] | null;
  readonly now: number;
  readonly origin: string;
  /** When the task is deleted for its age, its files with it; null while it has no end. Epoch ms. */
  readonly keptUntil: number | null;
}

export async function readTask(
  services: Services,
  task: TaskWithDelivery,
  origin: string,
): Promise<ViewedTask> {
  const now = services.clock.now();
  const { deliveries } = services.stores;
  const [attempts, noticeAttempts, client, inbox] = await Promise.all([
    task.delivery === null ? [] : deliveries.attempts(task.delivery.id),
    task.notice === null ? [] : deliveries.attempts(task.notice.id),
    services.stores.clients.get(task.clientId),
    inboxOf(services, task, now),
  ]);
  const clientName = client?.name ?? task.clientId;
  const counted = services.pollCounts.of(task);
  const keptMs = services.config.retentionDays * DAY_MS;
  const keptUntil = isEnded(task) ? task.phase.completedAt + keptMs : null;
  return { task: counted, attempts, noticeAttempts, clientName, inbox, now, origin, keptUntil };
}

async function inboxOf(
  { inbox }: Services,
  task: TaskWithDelivery,
  now: number,
): Promise<InboxCallback[] | null> {
  const url = callbackUrl(task);
  if (url === null) return null;
  const address = await inbox.addressOf(url);
  // An inbox is its client's own, and shows what came about this task only: its address may have been used for others.
  if (address === null || address.clientId !== task.clientId) return null;
  return await inbox.read(address.inboxId, webhookId(task.id), now);
}

/** Where the callback goes, or will: a delivery may have been given another address. */
export function callbackUrl({ callback, delivery }: TaskWithDelivery): string | null {
  return delivery?.url ?? callback?.url ?? null;
}

/** Whether nothing will change by itself any more. */
export function isSettled({ task }: ViewedTask): boolean {
  return isEnded(task) && task.delivery?.state !== 'pending' && task.notice?.state !== 'pending';
}

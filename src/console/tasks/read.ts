import type { Attempt } from '../../domain/attempt.ts';
import { webhookId } from '../../domain/ids.ts';
import type { Delivery } from '../../domain/delivery.ts';
import { isEnded } from '../../domain/task.ts';
import type { TaskWithDelivery } from '../../domain/task-with-delivery.ts';
import { placeOf } from '../../engine/place.ts';
import type { Place } from '../../engine/place.ts';
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
  /** What is told of it besides, each with its attempts; the operator's own only where an operator looks. */
  readonly others: readonly { readonly delivery: Delivery; readonly attempts: readonly Attempt[] }[];
  readonly clientName: string;
  /** Where it stands in the queue; null where it does not wait, or that is not known. */
  readonly place: Place | null;
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
  isOperator: boolean,
): Promise<ViewedTask> {
  const now = services.clock.now();
  const { deliveries } = services.stores;
  const [attempts, noticeAttempts, client, inbox, others, place] = await Promise.all([
    task.delivery === null ? [] : deliveries.attempts(task.delivery.id),
    task.notice === null ? [] : deliveries.attempts(task.notice.id),
    services.stores.clients.get(task.clientId),
    inboxOf(services, task, now),
    othersOf(services, task, isOperator),
    placeOf(services, task).catch(() => null),
  ]);
  const clientName = client?.name ?? task.clientId;
  const counted = services.pollCounts.of(task);
  const keptMs = services.config.retentionDays * DAY_MS;
  const keptUntil = isEnded(task) ? task.phase.completedAt + keptMs : null;
  return {
    task: counted,
    attempts,
    noticeAttempts,
    others,
    clientName,
    place,
    inbox,
    now,
    origin,
    keptUntil,
  };
}

/** A page shows so many side by side, each with its log. */
const MAX_OTHERS = 20;

async function othersOf({ stores }: Services, task: TaskWithDelivery, isOperator: boolean) {
  const all = await stores.deliveries.ofTask(task.id, isOperator ? null : task.clientId);
  const told = all.filter(({ kind }) => kind === 'subscription').slice(0, MAX_OTHERS);
  return await Promise.all(
    told.map(async (delivery) => ({ delivery, attempts: await stores.deliveries.attempts(delivery.id) })),
  );
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
export function isSettled({ task, others }: ViewedTask): boolean {
  const deliveries = [task.delivery, task.notice, ...others.map(({ delivery }) => delivery)];
  return isEnded(task) && deliveries.every((one) => one?.state !== 'pending');
}

/** What can happen to a task, and a subscription may be for. */
export const TASK_EVENTS = [
  'task.running',
  'task.succeeded',
  'task.failed',
  'task.canceled',
  'callback.failed',
] as const;

/** What operators are told beside. */
export const ALERTS = [
  'receiver.failing',
  'receiver.recovered',
  'upstream.failing',
  'upstream.recovered',
  'credits.exhausted',
  'spending.near',
] as const;

/** What a subscription is for where it does not say. */
export const ENDS = ['task.succeeded', 'task.failed', 'task.canceled'] as const;

export type TaskEventType = (typeof TASK_EVENTS)[number];
export type AlertType = (typeof ALERTS)[number];
export type EventType = TaskEventType | AlertType;

/** A change that operators are told of. Instants are epoch ms. */
export interface Alert {
  readonly type: AlertType;
  /** Whose receiver or spending it is about; null where it is about an upstream key. */
  readonly clientId: string | null;
  /** Its figures, by the names of the body; `since` in epoch ms. */
  readonly figures: Readonly<Record<string, string | number | null>>;
}

export function isAlert(type: string): type is AlertType {
  return ALERTS.some((alert) => alert === type);
}

/** The `event_id` of what happened to a task: its end, its beginning upstream, or its callback given up after so many attempts. */
export function eventIdOf(taskId: string, what: 'ended' | 'running' | { readonly attempts: number }): string {
  const id = `evt_${taskId.replace(/^task_/, '')}`;
  if (what === 'ended') return id;
  return what === 'running' ? `${id}_running` : `${id}_givenup_${what.attempts}`;
}

/** The `event_id` of what a delivery to a subscription tells: its own id begins with it. */
export function eventIdOfMessage(deliveryId: string): string {
  return `evt_${(deliveryId.split('_sub_')[0] ?? '').replace(/^msg_/, '')}`;
}

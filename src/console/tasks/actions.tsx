import { isEnded } from '../../domain/task.ts';
import type { TaskWithDelivery } from '../../domain/task-with-delivery.ts';

/** What can be done with a task as it stands. */
export function Actions({ task }: { task: TaskWithDelivery }) {
  const hasEnded = isEnded(task);
  if (hasEnded && task.callback === null) return null;
  return (
    <div class="actions">
      {hasEnded ? (
        <form method="post" action={`/console/tasks/${task.id}/redeliver`}>
          <button type="submit" class="primary" id="redeliver">
            {task.delivery?.state === 'pending' ? 'Send the callback now' : 'Send the callback again'}
          </button>
        </form>
      ) : (
        <details class="ask" id="cancel">
          <summary>Cancel</summary>
          <form method="post" action={`/console/tasks/${task.id}/cancel`} class="popover">
            <p>
              Ringback stops following the task, and calls back <code>task.canceled</code>. What upstream has
              begun, it ends and charges.
            </p>
            <button type="submit" class="danger">
              Cancel this task
            </button>
          </form>
        </details>
      )}
    </div>
  );
}

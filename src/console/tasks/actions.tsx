import { isEnded } from '../../domain/task.ts';
import type { TaskWithDelivery } from '../../domain/task-with-delivery.ts';

/** What can be done with a task as it stands. */
export function Actions({ task }: { task: TaskWithDelivery }) {
  const hasEnded = isEnded(task);
  return (
    <div class="actions">
      {hasEnded && task.callback !== null ? <SendAgain task={task} /> : null}
      {hasEnded ? null : <Cancel task={task} />}
      <a class="button" href={`/console/try?task=${task.id}`}>
        Run again
      </a>
    </div>
  );
}

/** Where it went, or to another address: for a hook that moved, or was posted wrong. */
function SendAgain({ task }: { task: TaskWithDelivery }) {
  return (
    <>
      <form method="post" action={`/console/tasks/${task.id}/redeliver`}>
        <button type="submit" class="primary" id="redeliver">
          {task.delivery?.state === 'pending' ? 'Send the callback now' : 'Send the callback again'}
        </button>
      </form>
      <details class="ask" id="elsewhere">
        <summary>To another address</summary>
        <form method="post" action={`/console/tasks/${task.id}/redeliver`} class="popover">
          <label class="field">
            <span>Callback URL</span>
            <input type="url" name="url" required placeholder="https://hooks.example.com/your-hook" />
          </label>
          <p>The callback of this task goes there from now on.</p>
          <button type="submit" class="primary">
            Send it there
          </button>
        </form>
      </details>
    </>
  );
}

function Cancel({ task }: { task: TaskWithDelivery }) {
  return (
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
  );
}

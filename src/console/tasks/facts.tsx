import { isSameServer } from '../../domain/callback-headers.ts';
import { isEnded } from '../../domain/task.ts';
import type { CallbackTarget } from '../../domain/task.ts';
import { CallbackState, TaskState } from '../components/state.tsx';
import { count, duration, Time } from '../components/time.tsx';
import { UrlText } from '../components/web-link.tsx';
import { callbackUrl } from './read.ts';
import type { ViewedTask } from './read.ts';

/** What is known of a task, a line each. */
export function Facts({ viewed: { task, clientName, place, inbox } }: { viewed: ViewedTask }) {
  const url = callbackUrl(task);
  return (
    <section class="card" aria-labelledby="facts-title">
      <h2 id="facts-title">Facts</h2>
      <dl class="facts">
        <dt>State</dt>
        <dd>
          <TaskState task={task} />
        </dd>
        <dt>Model</dt>
        <dd class="mono">{task.model}</dd>
        <dt>Client</dt>
        <dd dir="auto">{clientName}</dd>
        <dt>Credits</dt>
        <dd>{task.estimatedCredits === null ? 'not known before the end' : count(task.estimatedCredits)}</dd>
        {place === null || place.position === null ? null : (
          <>
            <dt>Place in the queue</dt>
            <dd>
              {count(place.position)}
              {place.estimatedWaitMs === null ? '' : `, about ${duration(place.estimatedWaitMs)} to wait`}
            </dd>
          </>
        )}
        {isEnded(task) ? null : (
          <>
            <dt>Times out</dt>
            <dd>
              <Time at={task.deadlineAt} />
            </dd>
          </>
        )}
        <dt>Callback</dt>
        <dd>
          <CallbackState task={task} />
        </dd>
        {task.callback === null || url === null ? null : (
          <>
            <dt>Callback URL</dt>
            <dd>{inbox === null ? <UrlText url={url} /> : 'the built-in inbox'}</dd>
            <dt>Own headers</dt>
            <dd>{ownHeaders(task.callback, url)}</dd>
          </>
        )}
        {task.idempotencyKey === null ? null : (
          <>
            <dt>Idempotency key</dt>
            <dd class="mono break">{task.idempotencyKey}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function ownHeaders(given: CallbackTarget, url: string): string {
  if (given.sealedHeaders === null) return 'none';
  return isSameServer(given.url, url)
    ? 'sent, and kept sealed'
    : 'not sent to this server, which they were not given for';
}

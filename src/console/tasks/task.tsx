import { isEnded } from '../../domain/task.ts';
import type { Task } from '../../domain/task.ts';
import { CopyButton } from '../components/code.tsx';
import { Notice } from '../components/notice.tsx';
import { UrlText } from '../components/web-link.tsx';
import { Words } from '../components/words.tsx';
import { Actions } from './actions.tsx';
import { CallbackSent } from './callback-sent.tsx';
import { Facts } from './facts.tsx';
import { OtherDeliveries } from './other-deliveries.tsx';
import { promptOf } from './table.tsx';
import type { ViewedTask } from './read.ts';
import { Result } from './result.tsx';
import { Timeline } from './timeline.tsx';

/** What the task is. */
export function TaskHead({ viewed: { task } }: { viewed: ViewedTask }) {
  return (
    <div class="task-head">
      <p class="crumbs">
        <a href="/console/tasks">Tasks</a>
      </p>
      <h1 dir="auto">{promptOf(task)}</h1>
      <p class="id-line">
        <code id="task-id">{task.id}</code>
        <CopyButton of="task-id" label="the task's id" />
      </p>
    </div>
  );
}

/** The part that changes while the task is on its way. */
export function TaskLive({ viewed }: { viewed: ViewedTask }) {
  const { task } = viewed;
  const hasResult = isEnded(task) && task.phase.state === 'succeeded';
  const happened = (
    <section class="card" aria-labelledby="timeline-title">
      <h2 id="timeline-title">What happened</h2>
      <Timeline viewed={viewed} />
    </section>
  );
  return (
    <>
      <Actions task={task} />
      <Trouble viewed={viewed} />
      <div class="columns viewed">
        <div>{hasResult ? <Result viewed={viewed} /> : happened}</div>
        <div>
          {hasResult ? happened : null}
          <Facts viewed={viewed} />
        </div>
        <div>
          <CallbackSent viewed={viewed} />
          <OtherDeliveries viewed={viewed} />
        </div>
      </div>
    </>
  );
}

/** Why it did not work, before anything else. */
function Trouble({ viewed: { task, attempts } }: { viewed: ViewedTask }) {
  const error = isEnded(task) ? task.phase.error : null;
  const last = attempts.at(-1);
  const isUndelivered =
    task.delivery?.state === 'failed' || (task.delivery?.state === 'pending' && last?.outcome === 'retry');
  const isSentAgain = task.delivery?.state === 'pending' && last !== undefined && last.outcome !== 'retry';
  return (
    <>
      {error === null ? null : (
        <Notice tone="bad" title={`The task failed: ${error.code}`}>
          <Words text={error.message} />
        </Notice>
      )}
      {isEnded(task) || task.problem === null ? null : (
        <Notice tone="warn" title={troubleTitle(task)}>
          <Words text={task.problem} />
        </Notice>
      )}
      {isSentAgain ? (
        <Notice tone="idle" title="The callback is being sent again">
          <p class="hint">
            It goes to <UrlText url={task.delivery?.url ?? ''} />
          </p>
        </Notice>
      ) : null}
      {isUndelivered && last !== undefined && last.outcome !== 'delivered' ? (
        <Notice
          tone={task.delivery?.state === 'failed' ? 'bad' : 'warn'}
          title={
            task.delivery?.state === 'failed'
              ? 'The callback was given up'
              : 'The callback has not arrived yet'
          }
        >
          <Words text={last.detail} />
          {task.delivery === null ? null : (
            <p class="hint">
              It goes to <UrlText url={task.delivery.url} />
            </p>
          )}
        </Notice>
      ) : null}
    </>
  );
}

function troubleTitle({ phase }: Task): string {
  if (phase.state === 'running' && phase.unlinkedSince !== null)
    return 'Upstream says success, and has given no link yet';
  return phase.state === 'queued' && phase.reason === 'own-limit'
    ? 'It waits for other tasks of this client'
    : 'Upstream has not taken it yet, or cannot be asked';
}

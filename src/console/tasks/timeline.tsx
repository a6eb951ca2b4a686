import type { Attempt } from '../../domain/attempt.ts';
import { isEnded, isKeeping } from '../../domain/task.ts';
import type { QueueReason, Task } from '../../domain/task.ts';
import type { TaskWithDelivery } from '../../domain/task-with-delivery.ts';
import type { Tone } from '../components/state.tsx';
import { duration, Time } from '../components/time.tsx';
import { Words } from '../components/words.tsx';
import { adviceByAttempt } from './attempt-advice.ts';
import type { ViewedTask } from './read.ts';

interface Step {
  readonly tone: Tone;
  readonly title: string;
  readonly at: number | null;
  readonly detail?: string;
  /** What can be done about it. */
  readonly advice?: string | undefined;
  /** Still to come. */
  readonly isNext?: boolean;
}

/** The way of a task, from the post to the last attempt, and what comes next. */
export function Timeline({ viewed }: { viewed: ViewedTask }) {
  return (
    <ol class="timeline">
      {stepsOf(viewed).map(({ tone, title, at, detail, advice, isNext }) => (
        <li class={`${tone}${isNext ? ' next' : ''}`}>
          <strong>{title}</strong>
          {at === null ? null : <Time at={at} ago={isNext === true} />}
          {detail === undefined ? null : <Words text={detail} />}
          {advice === undefined ? null : <Words text={advice} />}
        </li>
      ))}
    </ol>
  );
}

function stepsOf({ task, attempts, noticeAttempts }: ViewedTask): Step[] {
  const { phase } = task;
  const advice = adviceByAttempt(attempts, task.delivery?.url ?? '');
  const submittedAt = 'submittedAt' in phase ? phase.submittedAt : null;
  const submitted: Step[] =
    submittedAt === null
      ? []
      : [
          {
            tone: 'good',
            title: 'Taken by upstream',
            at: submittedAt,
            detail: waited(submittedAt - task.createdAt),
          },
        ];
  return [
    { tone: 'good', title: 'Accepted', at: task.createdAt, detail: 'Stored, then handed to upstream.' },
    ...submitted,
    ...inTime([...polled(task), ...(isEnded(task) ? [endOf(task, submittedAt)] : [nextLook(task)])]),
    ...inTime([
      ...attempts.map((attempt) => ({
        ...attemptStep('Attempt', attempt),
        advice: advice.get(attempt.number),
      })),
      ...noticeAttempts.map((attempt) => attemptStep('Failure URL, attempt', attempt)),
      ...followUp(task),
      ...noticed(task),
    ]),
  ];
}

/** Upstream tells of an end some seconds after it: the poll that saw it stands behind it. */
function inTime(steps: readonly Step[]): Step[] {
  return steps.toSorted(
    (a, b) => Number(a.isNext ?? false) - Number(b.isNext ?? false) || (a.at ?? 0) - (b.at ?? 0),
  );
}

function waited(ms: number): string {
  return ms < 2_000 ? 'At once.' : `After ${duration(ms)} in the queue.`;
}

/** "At least": a count that was not written when an invocation died is gone. */
function polled(task: Task): Step[] {
  const { count, lastAt } = task.polls;
  if (lastAt === null) return [];
  const often = ['', 'once', 'twice'][count] ?? `${count} times`;
  const step = { tone: 'good', title: `Polled at least ${often}`, at: lastAt } as const;
  if (!isEnded(task) && !isKeeping(task)) {
    return [
      {
        ...step,
        detail: 'The last one that is counted. Polls are counted about every 20 s, so there may be more.',
      },
    ];
  }
  const isSeen =
    isKeeping(task) ||
    (isEnded(task) && (task.phase.state === 'succeeded' || task.phase.error?.code === 'upstream_failed'));
  return [{ ...step, detail: isSeen ? 'The last one saw the end.' : 'The last one.' }];
}

function endOf(task: Task, submittedAt: number | null): Step {
  if (!isEnded(task)) throw new Error('only an ended task has an end');
  const { state, completedAt } = task.phase;
  const took = duration(Math.max(0, completedAt - (submittedAt ?? task.createdAt)));
  switch (state) {
    case 'succeeded':
      return { tone: 'good', title: 'Succeeded', at: completedAt, detail: `Upstream took ${took}.` };
    case 'failed':
      return {
        tone: 'bad',
        title: `Failed: ${task.phase.error.code}`,
        at: completedAt,
        detail: task.phase.error.message,
      };
    case 'canceled':
      return { tone: 'idle', title: 'Canceled', at: completedAt };
  }
}

const WAITS: Readonly<Record<QueueReason, string>> = {
  full: 'Upstream has as many tasks of this key as it takes. It goes when one of them ends.',
  behind: 'Older tasks of the same upstream key go first.',
  limited: 'Upstream limits the rate of this key.',
  failing: 'Upstream does not answer properly.',
  'own-limit': 'The client is at its own limit of active tasks.',
  unasked: 'Upstream has not been asked yet.',
};

function nextLook(task: Task): Step {
  const { phase, dueAt } = task;
  if (isKeeping(task)) {
    const { files } = task.phase.keeping;
    const copied = files.filter(({ done }) => done !== null).length;
    const detail = `Upstream has ended it. Its files are copied before its callback goes out: ${copied} of ${files.length} so far.`;
    return { tone: 'busy', title: 'Copying the result', at: null, detail, isNext: true };
  }
  if (phase.state === 'running') {
    const detail = 'Upstream is asked every few seconds, less often as the task grows older.';
    return { tone: 'busy', title: 'Running upstream', at: dueAt, detail, isNext: true };
  }
  const detail = phase.state === 'queued' ? WAITS[phase.reason] : 'Upstream is being asked.';
  return { tone: 'warn', title: 'Queued', at: dueAt, detail, isNext: true };
}

const OUTCOMES = {
  delivered: { tone: 'good', title: 'delivered' },
  retry: { tone: 'warn', title: 'tried again' },
  stopped: { tone: 'bad', title: 'the receiver said stop' },
  exhausted: { tone: 'bad', title: 'given up' },
} as const satisfies Record<Attempt['outcome'], { tone: Tone; title: string }>;

function attemptStep(what: string, { number, at, status, durationMs, outcome, detail }: Attempt): Step {
  const { tone, title } = OUTCOMES[outcome];
  const met = status === null ? 'no answer' : String(status);
  return { tone, title: `${what} ${number}: ${met} in ${duration(durationMs)}, ${title}`, at, detail };
}

function followUp(task: TaskWithDelivery): Step[] {
  const { callback, delivery } = task;
  if (callback === null) {
    return isEnded(task) ? [{ tone: 'idle', title: 'No callback: none was asked for', at: null }] : [];
  }
  if (delivery === null) return [{ tone: 'idle', title: 'Callback, when it ends', at: null, isNext: true }];
  if (delivery.state !== 'pending') return [];
  const title = delivery.attempts === 0 ? 'Callback' : 'Next attempt';
  return [{ tone: 'busy', title, at: delivery.dueAt, isNext: true }];
}

/** What became of the notice that the callback was given up. */
function noticed({ notice }: TaskWithDelivery): Step[] {
  if (notice === null) return [];
  const toldAt = notice.deliveredAt ?? notice.lastAttemptAt ?? notice.createdAt;
  switch (notice.state) {
    case 'pending':
      return [{ tone: 'busy', title: 'The failure URL is being told', at: notice.dueAt, isNext: true }];
    case 'delivered':
      return [{ tone: 'idle', title: 'The failure URL was told', at: toldAt }];
    case 'failed':
      return [{ tone: 'bad', title: 'The failure URL could not be told', at: toldAt }];
  }
}

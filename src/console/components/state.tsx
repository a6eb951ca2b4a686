import { publicState } from '../../domain/task.ts';
import type { Task } from '../../domain/task.ts';
import { callbackState } from '../../domain/task-with-delivery.ts';
import type { TaskWithDelivery } from '../../domain/task-with-delivery.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'idle';

const TASK_TONES = {
  queued: 'warn',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  canceled: 'idle',
} as const satisfies Record<string, Tone>;

const CALLBACK_TONES = {
  waiting: 'idle',
  pending: 'busy',
  delivered: 'good',
  failed: 'bad',
} as const satisfies Record<string, Tone>;

/** A word with a dot of its color; the word alone says it too. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function TaskState({ task }: { task: Task }) {
  const state = publicState(task);
  return <Badge tone={TASK_TONES[state]}>{state}</Badge>;
}

/** How the callback of a task stands; after a failed attempt it says how many there were, and what the last one met. */
export function CallbackState({ task }: { task: TaskWithDelivery }) {
  const state = callbackState(task);
  if (state === null) return <span class="dim">none</span>;
  const { attempts, lastStatus } = task.delivery ?? { attempts: 0, lastStatus: null };
  const isRetrying = state === 'pending' && attempts > 0;
  const isInVain = (isRetrying || state === 'failed') && attempts > 0;
  const notes = [
    ...(isInVain ? [lastStatus === null ? 'no answer' : `answered ${lastStatus}`] : []),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
  ];
  return (
    <>
      <Badge tone={isRetrying ? 'warn' : CALLBACK_TONES[state]}>{state}</Badge>
      {notes.length === 0 ? null : <span class="sub">{notes.join(', ')}</span>}
    </>
  );
}

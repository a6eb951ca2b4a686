import { endBody, givenUpBody, runningBody } from '../callback-body.ts';
import type { FlatBody } from '../callback-body.ts';
import { isoTime } from '../clock.ts';
import type { GivenUp } from '../delivery.ts';
import { isEnded } from '../task.ts';
import type { Task } from '../task.ts';
import type { Alert, EventType } from './event.ts';

/** Something that happened to a task. */
export interface TaskHappening {
  readonly type: EventType;
  readonly task: Task;
  /** Of `callback.failed`: the callback that was given up. */
  readonly givenUp: GivenUp | null;
}

/**
 * The flat body of an event of a task, the same wherever it is told and whenever; null where the task never came to that.
 *
 * @param withClient operators are told of whose task it is.
 */
export function taskEventBody({ type, task, givenUp }: TaskHappening, withClient: boolean): FlatBody | null {
  const body = bodyOf(type, task, givenUp);
  return body !== null && withClient ? { ...body, client_id: task.clientId } : body;
}

function bodyOf(type: EventType, task: Task, givenUp: GivenUp | null): FlatBody | null {
  if (type === 'task.running') return runningBody(task);
  if (!isEnded(task)) return null;
  if (type === 'callback.failed') return givenUp && givenUpBody(task, givenUp);
  return endBody(task);
}

/** The flat body of what operators are told beside. @param at when it was recorded, epoch ms. */
export function alertBody({ type, clientId, figures }: Alert, eventId: string, at: number): FlatBody {
  const told = Object.entries(figures).map(([name, value]) => [
    name,
    name === 'since' && typeof value === 'number' ? isoTime(value) : value,
  ]);
  return {
    type,
    event_id: eventId,
    timestamp: isoTime(at),
    client_id: clientId,
    ...Object.fromEntries(told),
  };
}

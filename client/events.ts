import type { Callback, CallbackFailed, CallbackTestBody, Event } from './types.ts';

/** A task that succeeded: it has a link, and no error. */
export interface TaskSucceeded extends Callback {
  readonly type: 'task.succeeded';
  readonly state: 'succeeded';
  readonly result_url: string;
  readonly error_code: null;
  readonly error_message: null;
}

/** A task that failed: it has an error, and no link. */
export interface TaskFailed extends Callback {
  readonly type: 'task.failed';
  readonly state: 'failed';
  readonly result_url: null;
  readonly error_code: NonNullable<Callback['error_code']>;
  readonly error_message: string;
}

/** A task that was canceled: it has neither. */
export interface TaskCanceled extends Callback {
  readonly type: 'task.canceled';
  readonly state: 'canceled';
  readonly result_url: null;
  readonly error_code: null;
  readonly error_message: null;
}

/** What a callback of `/v1` says; told apart by `type`. */
export type CallbackEvent = TaskSucceeded | TaskFailed | TaskCanceled | CallbackFailed | CallbackTestBody;

/** Which events are listed. */
export interface EventFilter {
  readonly type?: Event['type'];
  readonly taskId?: string;
  /** What was recorded from then on, this instant included. */
  readonly since?: Date | string;
}

/** Of the request that brought a callback: its `headers`, of Fetch or of Node. */
export type CallbackHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

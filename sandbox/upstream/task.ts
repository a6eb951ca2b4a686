import type { Directives } from './directives.ts';
import { hashText, lognormal, seededRandom } from './random.ts';

const SECOND_MS = 1000;
const MEDIAN_SECONDS = { video: 90, image: 20 };
const SIGMA = 0.4;

/** A task never changes: what it reads like follows from the time. */
export interface Task {
  taskId: string;
  key: string;
  requestId: string | null;
  model: string;
  kind: 'video' | 'image';
  credits: number;
  /** The request, as JSON. */
  param: string;
  directives: Directives;
  /** Epoch milliseconds. */
  createTime: number;
  /** Epoch milliseconds; null for a task that never ends. */
  endTime: number | null;
}

/** What recordInfo tells of a task. */
export interface TaskRecord {
  taskId: string;
  model: string;
  state: string;
  param: string;
  resultJson: string | null;
  failCode: string | null;
  failMsg: string | null;
  costTime: number | null;
  completeTime: number | null;
  createTime: number;
}

/** How long a task takes in milliseconds, null for ever: always the same for the same task id. */
export function taskDurationMs(
  task: Pick<Task, 'taskId' | 'kind' | 'directives'>,
  timeScale: number,
): number | null {
  if (task.directives.never) return null;
  if (task.directives.slowSeconds !== null) return Math.round(task.directives.slowSeconds * SECOND_MS);
  const seconds = lognormal(MEDIAN_SECONDS[task.kind], SIGMA, seededRandom(hashText(task.taskId)));
  return Math.round(seconds * SECOND_MS * timeScale);
}

export function hasEnded(task: Task, nowMs: number): boolean {
  return task.endTime !== null && task.endTime <= nowMs;
}

/** The names of a task's result files; none before it succeeded. */
export function resultNames(task: Task, nowMs: number): string[] {
  if (!hasEnded(task, nowMs) || task.directives.fail !== null) return [];
  const extension = task.kind === 'video' ? 'mp4' : 'png';
  return Array.from({ length: task.directives.results }, (_, index) => `result-${index + 1}.${extension}`);
}

/** The record of a task at `nowMs`; its result URLs are on `origin`. */
export function recordOf(task: Task, nowMs: number, origin: string): TaskRecord {
  const { taskId, model, param, createTime, endTime, directives } = task;
  const running = {
    taskId,
    model,
    state: directives.runningState,
    param,
    resultJson: null,
    failCode: null,
    failMsg: null,
    costTime: null,
    completeTime: null,
    createTime,
  };
  if (endTime === null || !hasEnded(task, nowMs)) return running;
  const ended = { ...running, costTime: endTime - createTime, completeTime: endTime };
  if (directives.fail !== null) {
    return { ...ended, state: 'fail', failCode: directives.fail.code, failMsg: directives.fail.message };
  }
  const resultUrls = resultNames(task, nowMs).map((name) => `${origin}/files/${taskId}/${name}`);
  const resultJson = directives.badJson ? '{"resultUrls":[' : JSON.stringify({ resultUrls });
  return { ...ended, state: 'success', resultJson };
}

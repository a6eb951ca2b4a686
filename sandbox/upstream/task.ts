import type { Directives } from './directives.ts';
import { failureInWords, resultInShape, timesOf } from './result-shapes.ts';
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
  /** A number where the prompt asks for it. */
  taskId: string | number;
  model: string;
  state: string;
  param: string;
  /** Documented as JSON text; a prompt may ask for anything. */
  resultJson: unknown;
  failCode: unknown;
  failMsg: unknown;
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
    taskId: shownId(task),
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
  const times = timesOf(directives.times, { costTime: endTime - createTime, completeTime: endTime });
  const ended = { ...running, ...times };
  const { fail, endState } = directives;
  if (fail !== null) {
    return { ...ended, state: endState ?? 'fail', ...failureInWords(directives.words, fail) };
  }
  const state = endState ?? 'success';
  if (!hasLink(directives, nowMs - endTime)) return { ...ended, state, failMsg: directives.linklessWords };
  const resultUrls = resultNames(task, nowMs).map((name) => `${origin}/files/${taskId}/${name}`);
  const resultJson = directives.badJson ? '{"resultUrls":[' : resultInShape(directives.shape, resultUrls);
  return { ...ended, state, resultJson };
}

/** The id as upstream tells it. */
export function shownId({ taskId, directives }: Task): string | number {
  return directives.numberId ? Number(taskId) : taskId;
}

/** Whether the result is there, so many ms after the end. */
function hasLink({ linkAfterSeconds }: Directives, sinceEndMs: number): boolean {
  return linkAfterSeconds !== null && sinceEndMs >= linkAfterSeconds * SECOND_MS;
}

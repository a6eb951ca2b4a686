import { parseJson } from '../invalid.ts';
import { noLedger, type Ledger } from '../ledger.ts';
import { readDirectives } from './directives.ts';
import { refusal, success, type Envelope } from './envelope.ts';
import { FaultList, type Fault } from './faults.ts';
import { KeyBook, keyFromHeader, type KeyAccount } from './keys.ts';
import { readRequest } from './models.ts';
import { randomWord } from './random.ts';
import type { CallCounts, ResultFile, Snapshot } from './snapshot.ts';
import { recordOf, resultNames, shownId, taskDurationMs, type Task } from './task.ts';
import type { Endpoint, KeySettings } from './tiers.ts';

const MAX_TASKS = 100_000;
const TASK_ID_CHARACTERS = 20;
const LEDGER_TASK = 'task:';
const LEDGER_FAULTS = 'faults';
const LEDGER_CALLS = 'calls';

export interface SimulatorOptions {
  /** Epoch milliseconds. */
  now: () => number;
  /** A number in [0, 1): task ids and faults with a probability are drawn from it. */
  random: () => number;
  /** Multiplies every duration that a prompt does not set with `[slow:N]`; 1 unless given. */
  timeScale?: number;
  ledger?: Ledger;
}

export interface CreateTaskCall {
  authorization: string | null;
  requestId: string | null;
  body: string;
}

export interface RecordInfoCall {
  authorization: string | null;
  taskId: string | null;
  origin: string;
}

/**
 * The upstream API without HTTP: what it answers and what it remembers. Each method is one synchronous step, so
 * concurrent callers see its effects one after the other, as with a real database behind it.
 */
export class UpstreamSimulator {
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly timeScale: number;
  private readonly ledger: Ledger;
  private readonly keys: KeyBook;
  private readonly faults = new FaultList();
  private readonly tasks = new Map<string, Task>();
  private files: Record<string, number> = {};
  private calls: CallCounts = { createTask: {}, recordInfo: {} };

  constructor(options: SimulatorOptions) {
    this.now = options.now;
    this.random = options.random;
    this.timeScale = options.timeScale ?? 1;
    this.ledger = options.ledger ?? noLedger;
    this.keys = new KeyBook(this.ledger);
    this.readLedger();
  }

  /**
   * Accepts a task, or says why not. A known `X-Request-ID` answers its task whatever the limits say: the caller asks
   * for nothing new.
   */
  createTask(call: CreateTaskCall): Envelope {
    const key = keyFromHeader(call.authorization);
    if (key === null) return refusal(401);
    const account = this.keys.account(key);
    const existing = call.requestId === null ? undefined : account.tasksByRequestId.get(call.requestId);
    if (existing !== undefined) return success({ taskId: shownId(existing) });
    const limited = this.limited(account, 'createTask');
    if (limited !== null) return limited;
    const request = readRequest(parseJson(call.body));
    if (!request.ok) return refusal(request.code, request.msg);
    if (account.activeTasks(this.now()) >= account.settings.activeLimit) return refusal(409);
    if (account.creditsLeft < request.credits) return refusal(402);

    const { model, kind, param, credits } = request;
    const directives = readDirectives(request.prompt);
    const taskId = newTaskId(directives.numberId, this.random);
    const createTime = this.now();
    const durationMs = taskDurationMs({ taskId, kind, directives }, this.timeScale);
    const endTime = durationMs === null ? null : createTime + durationMs;
    const { requestId } = call;
    const task = { taskId, key, requestId, model, kind, credits, param, directives, createTime, endTime };
    this.keep(task);
    return success({ taskId: shownId(task) });
  }

  /** What a createTask that is mixed up with another answers: the id of the key's oldest task; null where it has none. */
  createOther({ authorization, requestId }: Omit<CreateTaskCall, 'body'>): Envelope | null {
    const other = this.oldest(authorization, (task) => requestId === null || task.requestId !== requestId);
    return other && success({ taskId: shownId(other) });
  }

  /** What a recordInfo that is mixed up with another answers: the record of the key's oldest other task, or null. */
  recordOther({ authorization, taskId, origin }: RecordInfoCall): Envelope | null {
    const other = this.oldest(authorization, (task) => task.taskId !== taskId);
    return other && success(recordOf(other, this.now(), origin));
  }

  /** A task as its own key may see it; result URLs are on `origin`. */
  recordInfo(call: RecordInfoCall): Envelope {
    const key = keyFromHeader(call.authorization);
    if (key === null) return refusal(401);
    const limited = this.limited(this.keys.account(key), 'recordInfo');
    if (limited !== null) return limited;
    if (call.taskId === null || call.taskId === '')
      return refusal(400, 'invalid parameters: taskId is required');
    const task = this.tasks.get(call.taskId);
    if (task === undefined || task.key !== key || task.directives.lost) return refusal(404);
    return success(recordOf(task, this.now(), call.origin));
  }

  /** This result file, which is asked for once more; null where it does not exist by now. */
  result(taskId: string, name: string): ResultFile | null {
    const task = this.tasks.get(taskId);
    if (task === undefined || !resultNames(task, this.now()).includes(name)) return null;
    const { kind, directives } = task;
    const seed = `${taskId}/${name}`;
    const asked = this.files[seed] ?? 0;
    this.files[seed] = asked + 1;
    return { kind, directives, seed, asked };
  }

  addFault(fault: Fault): void {
    this.faults.add(fault);
    this.ledger.put(LEDGER_FAULTS, this.faults.list());
  }

  /** Lets nothing more go wrong. */
  clearFaults(): void {
    this.faults.clear();
    this.ledger.put(LEDGER_FAULTS, this.faults.list());
  }

  /** Uses up and answers the fault that hits this call, if any. */
  takeFault(endpoint: Endpoint, authorization: string | null): Fault | null {
    const fault = this.faults.take(endpoint, keyFromHeader(authorization), this.random);
    if (fault !== null) this.ledger.put(LEDGER_FAULTS, this.faults.list());
    return fault;
  }

  /** Counts what a call was answered. */
  count(endpoint: Endpoint, outcome: string): void {
    const counts = this.calls[endpoint];
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    this.ledger.put(LEDGER_CALLS, this.calls);
  }

  configureKey(key: string, change: Partial<KeySettings>): void {
    this.keys.configure(key, change);
  }

  /** Everything that happened so far, for people and for assertions. Tasks are in the order of their creation. */
  snapshot(): Snapshot {
    const now = this.now();
    const tasks = [...this.tasks.values()].map((task) => {
      const { taskId, key, requestId, model, credits, createTime, endTime } = task;
      const { state } = recordOf(task, now, '');
      return { taskId, key, requestId, model, state, credits, createTime, endTime };
    });
    const keys = [...this.keys.entries()].map(([key, account]) => {
      const { charged, creditsLeft, settings } = account;
      const { tier, activeLimit } = settings;
      return { key, tier, charged, creditsLeft, activeTasks: account.activeTasks(now), activeLimit };
    });
    return {
      tasks,
      keys,
      calls: structuredClone(this.calls),
      faults: this.faults.list(),
      files: { ...this.files },
    };
  }

  /** Forgets tasks, keys, counts and faults. */
  reset(): void {
    for (const taskId of this.tasks.keys()) this.ledger.delete(LEDGER_TASK + taskId);
    this.tasks.clear();
    this.keys.clear();
    this.faults.clear();
    this.calls = { createTask: {}, recordInfo: {} };
    this.files = {};
    this.ledger.delete(LEDGER_FAULTS);
    this.ledger.delete(LEDGER_CALLS);
  }

  private limited(account: KeyAccount, endpoint: Endpoint): Envelope | null {
    const exceeded = account.enter(endpoint, this.now());
    return exceeded === null ? null : refusal(429, undefined, exceeded);
  }

  private oldest(authorization: string | null, test: (task: Task) => boolean): Task | null {
    const key = keyFromHeader(authorization);
    for (const task of this.tasks.values()) if (task.key === key && test(task)) return task;
    return null;
  }

  private keep(task: Task): void {
    if (this.tasks.size >= MAX_TASKS) this.forgetOldest();
    this.tasks.set(task.taskId, task);
    this.keys.account(task.key).take(task);
    this.ledger.put(LEDGER_TASK + task.taskId, task);
  }

  private forgetOldest(): void {
    for (const task of this.tasks.values()) {
      this.tasks.delete(task.taskId);
      this.ledger.delete(LEDGER_TASK + task.taskId);
      if (task.requestId !== null) this.keys.account(task.key).tasksByRequestId.delete(task.requestId);
      return;
    }
  }

  private readLedger(): void {
    // A task that an older sandbox kept says nothing of words that are newer.
    const tasks = [...this.ledger.list<Task>({ prefix: LEDGER_TASK })].map(([, task]) => ({
      ...task,
      directives: { ...readDirectives(''), ...task.directives },
    }));
    for (const task of tasks.sort((a, b) => a.createTime - b.createTime)) {
      this.tasks.set(task.taskId, task);
      this.keys.account(task.key).take(task);
    }
    for (const [, calls] of this.ledger.list<CallCounts>({ prefix: LEDGER_CALLS })) this.calls = calls;
    for (const [, faults] of this.ledger.list<ReturnType<FaultList['list']>>({ prefix: LEDGER_FAULTS })) {
      this.faults.restore(faults);
    }
  }
}

/** A number has fifteen digits, which JSON's numbers hold. */
function newTaskId(isNumber: boolean, random: () => number): string {
  return isNumber
    ? String(Math.floor(1e14 + random() * 9e14))
    : `task_${randomWord(TASK_ID_CHARACTERS, random)}`;
}

import type { FaultList } from './faults.ts';
import type { Task } from './task.ts';
import type { Endpoint } from './tiers.ts';

/** How often each outcome was answered: a status as text, or the kind of a fault that left none. */
export type CallCounts = Record<Endpoint, Record<string, number>>;

/** Everything that happened so far, for people and for assertions. */
export interface Snapshot {
  tasks: (Pick<Task, 'taskId' | 'key' | 'requestId' | 'model' | 'credits' | 'createTime' | 'endTime'> & {
    state: string;
  })[];
  keys: {
    key: string;
    tier: string;
    charged: number;
    creditsLeft: number;
    activeTasks: number;
    activeLimit: number;
  }[];
  calls: CallCounts;
  /** What is still to happen; `left` is how often. */
  faults: ReturnType<FaultList['list']>;
  /** How often each result file was asked for, by `{taskId}/{name}`. */
  files: Readonly<Record<string, number>>;
}

/** A result file, as its task's prompt asks for it. */
export interface ResultFile {
  kind: Task['kind'];
  directives: Task['directives'];
  /** Made-up bytes are the same for the same seed. */
  seed: string;
  /** How often it was asked for before. */
  asked: number;
}

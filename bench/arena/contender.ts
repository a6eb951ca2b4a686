/** A task of the load. */
export interface Job {
  /** How long it takes upstream. */
  readonly seconds: number;
  readonly callbackUrl: string;
  /** When it is posted at the earliest, from the start on. */
  readonly atMs: number;
}

/** What a contender is started with. */
export interface Arena {
  readonly upstream: URL;
  /** A folder of its own, removed afterwards. */
  readonly folder: string;
}

/** Turns tasks that have to be polled into callbacks. */
export interface Contender {
  readonly name: string;
  readonly start: (arena: Arena) => Promise<Running>;
}

export interface Running {
  /** Resolves when the task is accepted. */
  readonly post: (job: Job) => Promise<void>;
  /** The processes that do the work. */
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

/** The body of createTask: the prompt says to the sandbox how long the task takes. */
export function taskOf({ seconds }: Pick<Job, 'seconds'>): { model: string; input: Record<string, unknown> } {
  const prompt = `[slow:${seconds.toFixed(3)}] A red fox walks through fresh snow`;
  return { model: 'seedance-2.0-reference-to-video', input: { prompt, resolution: '720p', duration: 5 } };
}

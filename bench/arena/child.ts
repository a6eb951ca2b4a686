import { fork, type ChildProcess } from 'node:child_process';

const READY_MS = 10_000;

/** A Node program of its own process, ready once it has said so. */
export interface Program {
  readonly child: ChildProcess;
  /** What it said first. */
  readonly said: unknown;
  readonly stop: () => Promise<void>;
}

/** Starts a program; it ends with this process. Rejects where it says nothing within ten seconds. */
export async function startProgram(path: string, args: readonly string[]): Promise<Program> {
  const child = fork(path, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const stop = ending(child);
  return { child, said: await firstWord(child), stop };
}

/** Ends a child by its own id, now or with this process; resolves when it is gone. */
export function ending(child: ChildProcess): () => Promise<void> {
  const kill = (): boolean => child.kill();
  process.once('exit', kill);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  return async () => {
    process.off('exit', kill);
    kill();
    await gone;
  };
}

function firstWord(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The program did not start.')), READY_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The program ended with ${String(code)}.`));
    });
  });
}

import { execFile } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { promisify } from 'node:util';

const MAX_SHOWN_CHARACTERS = 2_000;
const MAX_OUTPUT_BYTES = 64 * 1_024 * 1_024;

export interface RunOptions {
  folder: string;
  timeoutMs: number;
  env?: Record<string, string>;
}

/** This environment, with the Node that runs this script before any other. */
export function withThisNode(env: Record<string, string> = {}): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return { ...process.env, PATH: path, ...env };
}

/** Runs a Node program to its end, and stops it where this script ends first; what it wrote is in the error. */
export async function runNode(args: string[], { folder, timeoutMs, env }: RunOptions): Promise<void> {
  const running = promisify(execFile)(process.execPath, args, {
    cwd: folder,
    env: withThisNode(env),
    timeout: timeoutMs,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const stop = (): boolean => running.child.kill();
  process.once('exit', stop);
  try {
    await running;
  } catch (error) {
    throw new Error(`${args.join(' ')} failed:\n${lastWords(error)}`, { cause: error });
  } finally {
    process.off('exit', stop);
  }
}

function lastWords(error: unknown): string {
  const text = (name: 'stdout' | 'stderr'): string => {
    const value: unknown = error instanceof Error && name in error ? Reflect.get(error, name) : '';
    return typeof value === 'string' ? value : '';
  };
  const words = `${text('stdout')}\n${text('stderr')}`.trim();
  return words === '' ? String(error) : words.slice(-MAX_SHOWN_CHARACTERS);
}

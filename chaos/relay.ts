import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { HostMessage, HostOptions } from './relay-host.ts';

const START_TIMEOUT_MS = 45_000;
const HOST = join(import.meta.dirname, 'relay-host.ts');
const MAX_ERRORS_KEPT = 20;

/** Ringback in workerd, on one address and one database, that can be killed and started again. */
export class Relay {
  private readonly folder: string;
  private readonly options: HostOptions;
  private host: ChildProcess | null = null;
  private port = 0;
  private life = new AbortController();
  /** The last errors that it wrote to its console. */
  readonly errors: string[] = [];
  kills = 0;

  /** @param folder its process's working and temporary directory. */
  constructor(folder: string, options: Omit<HostOptions, 'port'>) {
    this.folder = folder;
    this.options = { ...options, port: 0 };
    // Ctrl-C, a time limit, an exception: whatever ends this process ends Ringback.
    process.once('exit', () => this.endGroup());
  }

  /** Aborts when this life of Ringback ends. */
  get dies(): AbortSignal {
    return this.life.signal;
  }

  url(path: string): URL {
    return new URL(path, `http://127.0.0.1:${this.port}`);
  }

  /** Starts it, on the address that it had before, and waits until it answers. */
  async start(): Promise<void> {
    // A group of its own, which its workerd belongs to as well.
    const host = fork(HOST, {
      cwd: this.folder,
      env: { ...process.env, TMPDIR: this.folder },
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.host = host;
    const isUp = new Promise<string>((resolve, reject) => {
      host.on('message', (message: HostMessage) => {
        if (message.kind === 'up') resolve(message.origin);
        else this.note(message.line);
      });
      host.once('exit', () => reject(new Error(`Ringback ended by itself: ${this.errors.join('\n')}`)));
      setTimeout(() => reject(new Error('Ringback did not start in time')), START_TIMEOUT_MS).unref();
    });
    host.send({ ...this.options, port: this.port } satisfies HostOptions);
    this.port = Number(new URL(await isUp).port);
    this.life = new AbortController();
  }

  /** SIGKILL to workerd and its host, at once and without a word. */
  async kill(): Promise<void> {
    const { host } = this;
    if (host === null) return;
    const gone = once(host, 'exit');
    this.endGroup();
    this.life.abort();
    await gone;
  }

  private endGroup(): void {
    const pid = this.host?.pid;
    this.host = null;
    // The group that `fork` made for it: nobody else is in it.
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }

  private note(line: string): void {
    if (!line.includes('"level":"error"')) return;
    this.errors.push(line);
    this.errors.splice(0, this.errors.length - MAX_ERRORS_KEPT);
  }
}

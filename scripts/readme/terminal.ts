import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const OLDEST_NODE = 20;
const GIVE_UP_MS = 60_000;

export interface NodeAtHand {
  readonly version: string;
  /** The folder it is in, for `PATH`. */
  readonly folder: string;
}

export const HAS_PYTHON = spawnSync('python3', ['--version']).status === 0;

/** The Node that runs this, and then each other version on this machine's `PATH` that the project allows. */
export function nodesAtHand(): [NodeAtHand, ...NodeAtHand[]] {
  const own = { version: process.versions.node, folder: dirname(process.execPath) };
  const found = new Map<string, string>();
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const { stdout, status } = spawnSync(join(folder, 'node'), ['-p', 'process.versions.node']);
    const version = status === 0 ? stdout.toString().trim() : '0';
    if (Number.parseInt(version, 10) < OLDEST_NODE || version === own.version) continue;
    if (!found.has(version)) found.set(version, folder);
  }
  return [own, ...Array.from(found, ([version, folder]) => ({ version, folder }))];
}

/** A program with all that it has printed so far; `stop` ends it, with what it started. */
export class Running {
  printed = '';
  protected readonly child: ChildProcess;

  constructor(command: string, args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.child = spawn(command, args, { ...options, stdio: 'pipe', detached: true });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.printed += text));
  }

  /** Waits until it has printed what fits, from this place of its output on, and gives the match. */
  async says(words: RegExp, since = 0): Promise<RegExpExecArray> {
    for (const giveUpAt = Date.now() + GIVE_UP_MS; Date.now() < giveUpAt; await sleep(50)) {
      const match = words.exec(this.printed.slice(since));
      if (match !== null) return match;
      if (this.child.exitCode !== null) break;
    }
    throw new Error(`It never printed ${String(words)}, but:\n${this.printed.slice(since)}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.pid === undefined) return;
    const ended = once(this.child, 'exit');
    process.kill(-this.child.pid, 'SIGTERM');
    const isOver = await Promise.race([ended.then(() => true), sleep(5_000, false)]);
    if (!isOver) process.kill(-this.child.pid, 'SIGKILL');
    await ended;
  }
}

/** A bash that keeps its variables from one pasted block to the next, as a reader's does. */
export class Terminal extends Running {
  private pasted = 0;

  constructor(options: { cwd: string; env: NodeJS.ProcessEnv }) {
    super('bash', ['--noprofile', '--norc'], options);
    // A curl that is not answered 2xx fails its block, which bash would not mind.
    this.child.stdin?.write('curl() { command curl -sS --fail-with-body "$@" || failed=1; echo; }\n');
  }

  /** Runs a block, and gives what it printed; throws where its last command, or any curl in it, fails. */
  async paste(block: string): Promise<string> {
    const end = `-- block ${++this.pasted}:`;
    const since = this.printed.length;
    this.child.stdin?.write(`failed=0\n${block}\necho "${end} $? $failed"\n`);
    const { index, 1: status } = await this.says(new RegExp(`${end} (.*)\n`), since);
    const printed = this.printed.slice(since, since + index);
    if (status !== '0 0') throw new Error(`This failed:\n${block}\n\nIt printed:\n${printed}`);
    return printed;
  }
}

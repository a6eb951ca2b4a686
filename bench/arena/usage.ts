import { readdirSync, readFileSync } from 'node:fs';

/** What Linux counts CPU time in: a hundredth of a second, on every platform that Node supports. */
const TICKS_PER_SECOND = 100;
const KIB = 1_024;
/** Fields of `/proc/PID/stat` after the command's name, which may hold spaces. */
const PARENT = 1;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** What a process has used up to now. */
export interface Usage {
  readonly cpuSeconds: number;
  /** The most memory that it has held at a time. */
  readonly peakBytes: number;
  /** What it holds now. */
  readonly heldBytes: number;
}

/** Of a process by itself, from `/proc`; null where the platform has none or the process is gone. */
export function usageOf(pid: number): Usage | null {
  try {
    const fields = statOf(pid);
    const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytesOf = (name: string): number =>
      Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * KIB;
    return {
      cpuSeconds: ticks / TICKS_PER_SECOND,
      peakBytes: bytesOf('VmHWM'),
      heldBytes: bytesOf('VmRSS'),
    };
  } catch {
    return null;
  }
}

/** Of some processes together; the memory of each is added up. Null where one is gone. */
export function usageOfAll(pids: readonly number[]): Usage | null {
  let sum: Usage = { cpuSeconds: 0, peakBytes: 0, heldBytes: 0 };
  for (const pid of pids) {
    const usage = usageOf(pid);
    if (usage === null) return null;
    sum = {
      cpuSeconds: sum.cpuSeconds + usage.cpuSeconds,
      peakBytes: sum.peakBytes + usage.peakBytes,
      heldBytes: sum.heldBytes + usage.heldBytes,
    };
  }
  return sum;
}

/** The processes that this one has started; none where the platform has no `/proc`. */
export function childPids(): Set<number> {
  try {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
    return new Set(pids.filter((pid) => parentOf(pid) === process.pid));
  } catch {
    return new Set();
  }
}

function parentOf(pid: number): number | null {
  try {
    return Number(statOf(pid)[PARENT]);
  } catch {
    return null;
  }
}

function statOf(pid: number): string[] {
  return (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '').split(' ');
}

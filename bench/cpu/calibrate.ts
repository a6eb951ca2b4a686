import { readdirSync, readFileSync } from 'node:fs';
import type { Miniflare } from 'miniflare';
import { connectProfiler, type Profile } from './inspector.ts';

export const SPINNER = 'spinner';
/** Some 0.3 s of a processor. */
const SPINS = 12_000_000;
const ROUNDS = 5;
const MS_PER_NS = 1e-6;

export interface Calibration {
  /** How many ms of CPU time a sample stands for now. */
  readonly msPerSample: () => Promise<number>;
  readonly close: () => void;
}

/** A Worker that does nothing but spin, always the same work, and says for how long, in ms. */
export const SPINNER_SCRIPT = `
let kept = 1;
export default {
  async fetch() {
    const from = Date.now();
    let x = kept;
    for (let i = 0; i < ${SPINS}; i++) x = (x * 1103515245 + 12345) % 2147483648;
    kept = x;
    return Response.json(Date.now() - from);
  },
};`;

/**
 * Tells how many ms of CPU time a sample stands for at the moment. The same work is done without the profiler and timed, at the
 * start, and done with it and counted, before and behind whatever is measured: beside other work samples come more rarely. The
 * time is the CPU time of the thread that spins, where the platform tells it (Linux); else what the Worker's own clock says.
 */
export async function startCalibration(miniflare: Miniflare, pid: number): Promise<Calibration> {
  const spinner = await miniflare.getWorker(SPINNER);
  const profiler = await connectProfiler(await miniflare.getInspectorURL(), SPINNER);
  const spin = async (): Promise<number> => {
    const before = cpuMs(pid);
    const answer = await spinner.fetch('http://spinner.test/');
    const wallMs = Number(await answer.text());
    const spent = cpuMs(pid).map(([thread, ms]) => ms - (new Map(before).get(thread) ?? 0));
    return spent.length === 0 ? wallMs : Math.max(...spent);
  };
  const times: number[] = [];
  // V8 optimises the loop in the first.
  for (let round = 0; round <= ROUNDS; round++) times.push(await spin());
  const knownMs = Math.min(...times.slice(1));
  return {
    msPerSample: async () => {
      await profiler.start();
      await spin();
      return knownMs / busySamples(await profiler.stop());
    },
    close: () => profiler.close(),
  };
}

function busySamples({ nodes, samples }: Profile): number {
  const idle = new Set(
    nodes.flatMap(({ id, callFrame }) => (callFrame.functionName === '(idle)' ? [id] : [])),
  );
  return samples.filter((id) => !idle.has(id)).length;
}

/** CPU time of each thread of a process; none where the platform does not tell it. */
function cpuMs(pid: number): (readonly [string, number])[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => {
      const [ns] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      return [thread, Number(ns) * MS_PER_NS] as const;
    });
  } catch {
    return [];
  }
}

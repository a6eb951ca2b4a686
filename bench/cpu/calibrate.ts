import { readdirSync, readFileSync } from 'node:fs';
import type { Miniflare } from 'miniflare';
import { percentile } from '../figures.ts';
import { connectProfiler } from './inspector.ts';

export const SPINNER = 'spinner';
/** Some 0.3 s of a processor. */
const SPINS = 12_000_000;
const ROUNDS = 5;
const MS_PER_NS = 1e-6;

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

/** How many ms of CPU time a sample stands for; and how far the rounds are apart, as a share of that. */
export interface Calibration {
  readonly msPerSample: number;
  readonly spread: number;
}

/**
 * The same work is done without the profiler, and timed, and with it, and counted. The time is the CPU time of workerd's threads,
 * where the platform tells it (Linux); else what the Worker's own clock says.
 */
export async function calibrate(miniflare: Miniflare, pid: number): Promise<Calibration> {
  const spinner = await miniflare.getWorker(SPINNER);
  const profiler = await connectProfiler(await miniflare.getInspectorURL(), SPINNER);
  const spin = async (): Promise<number> => {
    const before = cpuMs(pid);
    const answer = await spinner.fetch('http://spinner.test/');
    const wallMs = Number(await answer.text());
    const after = cpuMs(pid);
    return before === null || after === null ? wallMs : after - before;
  };
  // V8 optimises the loop.
  await spin();
  const perSample: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ms = await spin();
    await profiler.start();
    await spin();
    const { nodes, samples } = await profiler.stop();
    const idle = new Set(
      nodes.flatMap(({ id, callFrame }) => (callFrame.functionName === '(idle)' ? [id] : [])),
    );
    perSample.push(ms / samples.filter((id) => !idle.has(id)).length);
  }
  profiler.close();
  const msPerSample = percentile(perSample, 0.5);
  return { msPerSample, spread: (Math.max(...perSample) - Math.min(...perSample)) / msPerSample };
}

/** CPU time of a process, of its threads that still run; null where the platform does not tell it. */
function cpuMs(pid: number): number | null {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const ns = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    );
    return ns.reduce((sum, each) => sum + each, 0) * MS_PER_NS;
  } catch {
    return null;
  }
}

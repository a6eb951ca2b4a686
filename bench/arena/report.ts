import { aligned, percentile } from '../figures.ts';
import type { Result } from './run.ts';

const MIB = 1_048_576;
const HEAD = [
  'answer p50',
  'all after',
  'p50',
  'p95',
  'p99',
  'polls',
  'fetches',
  'lost',
  'doubled',
  'CPU',
  'memory',
];

/** One line for each contender; `polls` and `fetches` are a task, latencies since the end upstream. */
export function tableOf(name: string, results: readonly Result[]): string {
  const rows = results.map((result) => {
    const { latenciesMs, answersMs, usage, tasks } = result;
    return [
      result.contender,
      `${percentile(answersMs, 0.5).toFixed(0)} ms`,
      seconds(result.allMs),
      ...[0.5, 0.95, 0.99].map((share) =>
        latenciesMs.length === 0 ? '-' : seconds(percentile(latenciesMs, share)),
      ),
      (result.polls / tasks).toFixed(1),
      (result.fetches / tasks).toFixed(1),
      String(result.lost),
      String(result.doubled),
      usage === null ? '-' : `${usage.cpuSeconds.toFixed(1)} s`,
      usage === null ? '-' : `${(usage.peakBytes / MIB).toFixed(0)} MiB`,
    ];
  });
  return aligned([[name, ...HEAD], ...rows]);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

import { percentile } from '../figures.ts';
import { scatter } from '../scatter.ts';
import type { Axis } from '../scatter.ts';
import type { Result } from './run.ts';

const STEPS = 5;

/** Latency of callbacks against polls a task, of each contender. */
export function chart(title: string, results: readonly Result[]): string {
  const points = results
    .filter(({ latenciesMs }) => latenciesMs.length > 0)
    .map(({ contender, polls, tasks, latenciesMs, lost }) => ({
      name: lost === 0 ? contender : `${contender} (${lost} lost)`,
      isOurs: contender === results[0]?.contender,
      polls: polls / tasks,
      p50Ms: percentile(latenciesMs, 0.5),
      p95Ms: percentile(latenciesMs, 0.95),
    }));
  return scatter({
    title,
    legend: 'Callback after the end upstream: ● p50, line up to p95',
    points,
    polls: axisFor(points.map(({ polls }) => polls)),
    seconds: axisFor(points.map(({ p95Ms }) => p95Ms / 1_000)),
  });
}

/** Up to the next round number with some room above, in five steps. */
function axisFor(values: readonly number[]): Axis {
  const largest = Math.max(...values);
  const step = 10 ** Math.floor(Math.log10(largest));
  const most = Math.ceil((largest * 1.15) / (step / 2)) * (step / 2);
  const figures = Array.from({ length: STEPS + 1 }, (_, i) => Number(((i / STEPS) * most).toFixed(1)));
  return { most, figures };
}

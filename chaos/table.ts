import { retryMs } from './callers.ts';
import type { Arrival } from './receivers.ts';
import type { RunResult } from './run.ts';

/** A Markdown table: a line for each figure, a column for each run. */
export function table(results: readonly RunResult[]): string {
  const rows = FIGURES.map(([name, figure]) => line([name, ...results.map(figure)]));
  return [
    line(['', ...results.map(({ plan }) => plan.name)]),
    line(['---', ...results.map(() => '---:')]),
    ...rows,
  ].join('\n');
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

const FIGURES: readonly [string, (result: RunResult) => string | number][] = [
  ['tasks accepted', ({ told }) => told.filter(({ ids }) => ids.size > 0).length],
  ['SIGKILLs', ({ kills }) => kills],
  ['crons fired, most at once', ({ crons }) => `${crons.fired}, ${crons.mostAtOnce}`],
  ['posts, without an answer, answered with a 5xx', posts],
  ['retries with the same key, the slowest answered after', retries],
  ['calls upstream, gone wrong', upstreamCalls],
  ['tasks upstream', ({ upstream }) => upstream.tasks.length],
  ['callbacks sent, gone wrong', callbacks],
  ['came again after a 200', (result) => sum(arrivals(result), againAfterOk)],
  ['from 202 to a callback answered: median, longest', delays],
  ['results kept, told by upstream links', ({ files }) => `${files.kept}, ${files.notKept}`],
  ['**lost**', ({ verdict }) => verdict.lost.length],
  ['**paid twice**', ({ verdict }) => verdict.paidTwice.length],
  ['**doubles that differ or have no cause**', ({ verdict }) => verdict.wrongDoubles.length],
  ['**wrong answers and signatures**', ({ verdict }) => verdict.wrongAnswers.length],
  ['**retries that had no task within 15 s**', ({ verdict }) => verdict.slowRetries.length],
  ['**kept files that are not what upstream had**', ({ verdict }) => verdict.wrongFiles.length],
  ['errors in the log, crons that failed', ({ errors }) => errors.length],
  ['took', ({ seconds }) => `${seconds.toFixed(0)} s`],
];

function posts({ told }: RunResult): string {
  const [all, unanswered, unavailable] = [
    sum(told, (one) => one.posts),
    sum(told, (one) => one.unanswered),
    sum(told, (one) => one.unavailable),
  ];
  return `${all}, ${unanswered}, ${unavailable}`;
}

function retries({ told }: RunResult): string {
  const waited = told.flatMap((one) => retryMs(one) ?? []);
  return `${waited.length}, ${(Math.max(0, ...waited) / 1_000).toFixed(1)} s`;
}

/** Those that the sandbox refused by its own limits are counted too. */
function upstreamCalls({ upstream }: RunResult): string {
  const counts = Object.values(upstream.calls).flatMap((outcomes) => Object.entries(outcomes));
  const wrong = counts.filter(([outcome]) => outcome !== '200');
  return `${sum(counts, ([, count]) => count)}, ${sum(wrong, ([, count]) => count)}`;
}

function callbacks(result: RunResult): string {
  const all = arrivals(result).flat();
  return `${all.length}, ${all.filter(({ fate }) => fate !== 'answered').length}`;
}

function delays(result: RunResult): string {
  const seconds = result.told
    .filter(({ ids }) => ids.size > 0)
    .flatMap(({ job, acceptedAt }) => {
      const answered = result.receivers.ofJob(job.index).find(({ fate }) => fate === 'answered');
      return answered === undefined ? [] : [(answered.at - acceptedAt) / 1_000];
    })
    .toSorted((a, b) => a - b);
  const [median, longest] = [seconds[Math.floor(seconds.length / 2)], seconds.at(-1)];
  return `${median?.toFixed(1) ?? '-'} s, ${longest?.toFixed(1) ?? '-'} s`;
}

function arrivals({ receivers }: RunResult): Arrival[][] {
  return [...receivers.arrivals.values()];
}

function againAfterOk(ofOneTask: readonly Arrival[]): number {
  const first = ofOneTask.findIndex(({ fate }) => fate === 'answered');
  return first === -1 ? 0 : ofOneTask.length - 1 - first;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

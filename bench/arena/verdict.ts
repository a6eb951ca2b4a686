import { percentile } from '../figures.ts';
import type { Result } from './run.ts';

const MOST_P95_MS = 10_000;

/** What the docs say of Ringback, and whether this run keeps it. */
export interface Claim {
  readonly holds: boolean;
  readonly words: string;
}

/** Of a load that is spread over a minute. */
export function claimsOf(ours: Result): Claim[] {
  return [
    nothingLost(ours),
    { holds: p95(ours) <= MOST_P95_MS, words: `95 % of its callbacks came within ${MOST_P95_MS / 1_000} s.` },
  ];
}

/** Of a burst, as ratios to BullMQ on the same work; without it, only that nothing is lost. */
export function burstClaims(ours: Result, theirs: Result | null): Claim[] {
  if (theirs === null) return [nothingLost(ours)];
  const answerMs = percentile(ours.answersMs, 0.5);
  return [
    nothingLost(ours),
    ratio('All are done', ours.allMs / theirs.allMs, BURST.all),
    ratio('The p95 from the end upstream to the callback is', p95(ours) / p95(theirs), BURST.p95),
    ratio('The CPU time, with the emulation of D1 in it, is', cpu(ours) / cpu(theirs), BURST.cpu),
    {
      holds: answerMs <= BURST.answerMs,
      words: `Half of the posts are answered within ${BURST.answerMs} ms: ${answerMs.toFixed(0)} ms.`,
    },
  ];
}

/** What the docs promise at the most. */
const BURST = { all: 1.5, p95: 1, cpu: 3, answerMs: 600 };

function p95({ latenciesMs }: Result): number {
  return percentile(latenciesMs, 0.95);
}

function cpu({ usage }: Result): number {
  return usage?.cpuSeconds ?? NaN;
}

function nothingLost({ lost, doubled, refused }: Result): Claim {
  const holds = lost === 0 && doubled === 0 && refused === 0;
  return { holds, words: `Ringback lost ${lost}, doubled ${doubled} and refused ${refused}.` };
}

function ratio(what: string, times: number, most: number): Claim {
  return { holds: times <= most, words: `${what} at most ${most} × BullMQ's: ${times.toFixed(2)} ×.` };
}

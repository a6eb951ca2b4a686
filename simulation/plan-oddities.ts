import { RESULT_SHAPES } from '../sandbox/upstream/result-shapes.ts';
import type { Draw } from './draw.ts';

/** A word in a prompt, and the ends that its task may come to: a state, or an error code. */
export interface Directive {
  readonly words: string;
  /** Beside `timed_out` and `canceled`, which any task may come to. */
  readonly ends: readonly string[];
}

const SUCCEEDS = ['succeeded'] as const;
const FAILS = ['upstream_failed'] as const;

/** What upstream documents. */
export const DOCUMENTED = {
  '': SUCCEEDS,
  '[fail]': FAILS,
  '[never]': [],
  '[lost]': ['upstream_lost'],
} as const;

/** What it was seen to do beside that. */
const ODD_SUCCESSES: readonly Directive[] = [
  ...RESULT_SHAPES.map((shape) => ({ words: `[shape:${shape}]`, ends: SUCCEEDS })),
  ...['zero', 'seconds', 'future', 'past', 'none'].map((times) => ({
    words: `[times:${times}]`,
    ends: SUCCEEDS,
  })),
  ...['SUCCESS', 'succeeded', 'Completed'].map((state) => ({
    words: `[end-state:${state}]`,
    ends: SUCCEEDS,
  })),
  { words: '[number-id]', ends: SUCCEEDS },
  { words: '[results:3]', ends: SUCCEEDS },
  { words: '[results:3]', ends: SUCCEEDS },
  { words: '[late-link:40]', ends: SUCCEEDS },
  { words: '[late-link:40]', ends: SUCCEEDS },
  // Who looks for the first time when it is there already knows of no wait.
  { words: '[late-link:150]', ends: [...SUCCEEDS, 'no_result'] },
  { words: '[no-link]', ends: ['no_result'] },
  { words: '[no-link:the filter took it]', ends: ['no_result'] },
];
const ODD_FAILURES: readonly Directive[] = [
  ...['empty', 'none', 'object', 'list', 'number', 'elsewhere'].map((words) => ({
    words: `[fail] [words:${words}]`,
    ends: FAILS,
  })),
  { words: '[fail] [end-state:FAILED]', ends: FAILS },
];

/** What is asked of upstream, told apart from it or not; from a stream of its own, so that all else stays as it is. */
export function oddly(draw: Draw, directive: keyof typeof DOCUMENTED): Directive {
  const odd = directive === '' ? ODD_SUCCESSES : directive === '[fail]' ? ODD_FAILURES : [];
  const drawn = draw.chance(0.4) ? odd[draw.between(0, Math.max(0, odd.length - 1))] : undefined;
  return drawn ?? { words: directive, ends: DOCUMENTED[directive] };
}

import { ODD_FILES } from './odd-files.ts';
import type { OddFile } from './odd-files.ts';
import { FAILURE_WORDS, ODD_TIMES, RESULT_SHAPES } from './result-shapes.ts';
import type { FailureWords, OddTimes, ResultShape } from './result-shapes.ts';

/** What a prompt asks the simulator to do with its task. */
export interface Directives {
  /** The task fails at its end, with upstream's code and words. */
  fail: { code: string; message: string } | null;
  /** The task never ends. */
  never: boolean;
  /** The task is accepted, and recordInfo then knows nothing of it. */
  lost: boolean;
  /** The task takes this many seconds, whatever the time scale. */
  slowSeconds: number | null;
  /** What `state` reads while the task runs. */
  runningState: string;
  /** `resultJson` is no JSON. */
  badJson: boolean;
  /** How many result URLs there are. */
  results: number;
  /** How `resultJson` looks; null: as documented. */
  shape: ResultShape | null;
  /** For so many seconds after its end a success has no result yet; null: never has one. */
  linkAfterSeconds: number | null;
  /** What upstream says in `failMsg` while a success has no result. */
  linklessWords: string | null;
  /** How a failure is told; null: as documented. */
  words: FailureWords | null;
  /** How the times of the end are told; null: as documented. */
  times: OddTimes | null;
  /** The word for the end, where it is not upstream's usual one. */
  endState: string | null;
  /** The task's id is a number. */
  numberId: boolean;
  /** How its result files are served; null: as they are. */
  file: { kind: OddFile; argument: string } | null;
  /** Its result files have so many made-up bytes; null: they are real ones. */
  sizeBytes: number | null;
}

const WORD =
  /\[(fail|never|lost|slow|state|bad-json|results|shape|late-link|no-link|words|times|end-state|number-id|file|size)(?::([^\]]*))?\]/g;
const DEFAULT_LATE_SECONDS = 10;
const MAX_RESULTS = 10;
const DEFAULT_FAILURE = { code: '500', message: 'The generation failed.' };

/** Reads the words in square brackets from a prompt. Words that mean nothing here are left to the prompt. */
export function readDirectives(prompt: string): Directives {
  const directives: Directives = {
    fail: null,
    never: false,
    lost: false,
    slowSeconds: null,
    runningState: 'waiting',
    badJson: false,
    results: 1,
    shape: null,
    linkAfterSeconds: 0,
    linklessWords: null,
    words: null,
    times: null,
    endState: null,
    numberId: false,
    file: null,
    sizeBytes: null,
  };
  for (const [, name, argument = ''] of prompt.matchAll(WORD)) {
    if (name !== undefined) apply(directives, name, argument);
  }
  return directives;
}

function apply(directives: Directives, name: string, argument: string): void {
  if (name === 'fail') directives.fail = readFailure(argument);
  if (name === 'never') directives.never = true;
  if (name === 'lost') directives.lost = true;
  if (name === 'slow') directives.slowSeconds = readNumber(argument);
  if (name === 'state' && argument !== '') directives.runningState = argument;
  if (name === 'bad-json') directives.badJson = true;
  if (name === 'results') directives.results = Math.min(MAX_RESULTS, Math.floor(readNumber(argument) ?? 1));
  applyOddity(directives, name, argument);
}

/** What upstream was seen to do, although its documents say otherwise. */
function applyOddity(directives: Directives, name: string, argument: string): void {
  if (name === 'shape') directives.shape = oneOf(RESULT_SHAPES, argument);
  if (name === 'words') directives.words = oneOf(FAILURE_WORDS, argument);
  if (name === 'times') directives.times = oneOf(ODD_TIMES, argument);
  if (name === 'end-state' && argument !== '') directives.endState = argument;
  if (name === 'number-id') directives.numberId = true;
  if (name === 'file') directives.file = readFile(argument);
  if (name === 'size') directives.sizeBytes = readNumber(argument);
  if (name === 'late-link') directives.linkAfterSeconds = readNumber(argument) ?? DEFAULT_LATE_SECONDS;
  if (name === 'no-link') {
    directives.linkAfterSeconds = null;
    directives.linklessWords = argument.trim() || null;
  }
}

function oneOf<Name extends string>(names: readonly Name[], argument: string): Name | null {
  return names.find((name) => name === argument.trim()) ?? null;
}

/** `redirect:3` → a file that redirects three times. */
function readFile(argument: string): Directives['file'] {
  const [word = '', ...rest] = argument.split(':');
  const kind = oneOf(ODD_FILES, word);
  return kind === null ? null : { kind, argument: rest.join(':').trim() };
}

/** `400:content policy` → code 400 with these words; either part may be missing. */
function readFailure(argument: string): { code: string; message: string } {
  const [code = '', ...words] = argument.split(':');
  return {
    code: code.trim() || DEFAULT_FAILURE.code,
    message: words.join(':').trim() || DEFAULT_FAILURE.message,
  };
}

function readNumber(argument: string): number | null {
  const value = Number(argument);
  return argument.trim() !== '' && Number.isFinite(value) && value >= 0 ? value : null;
}

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
}

const WORD = /\[(fail|never|lost|slow|state|bad-json|results)(?::([^\]]*))?\]/g;
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

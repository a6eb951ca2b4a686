/** What of Ringback asks D1: which method of which store, and which file of the engine (or else of whatever) called it. */
export interface Operation {
  /** `exchange.exchange`, `tasks.insert`. */
  readonly name: string;
  /** `sync`, `first-submit`; of the file that called the store. */
  readonly by: string;
}

const STORE = /[/\\]src[/\\]store[/\\]([\w-]+)\.ts/;
const CALLER = /[/\\]src[/\\](?:[\w-]+[/\\])*([\w-]+)\.ts/;
const METHOD = /^\s*at (?:async )?(?:new )?([\w.$<> ]+?)(?: \[as \w+\])? \(/;
/** Enough for what lies between a store's method and D1: batches, retries, counts. */
const MAX_FRAMES = 40;

/**
 * The operation that runs now, as the stack tells: whatever a store's SQL says, its methods have names. `unknown` where no store
 * is on the stack.
 */
export function currentOperation(): Operation {
  const frames = stack();
  const last = frames.findLastIndex((frame) => STORE.test(frame));
  const frame = frames[last] ?? '';
  const file = STORE.exec(frame)?.[1];
  if (file === undefined) return { name: 'unknown', by: 'unknown' };
  const method = METHOD.exec(frame)?.[1]?.split('.').at(-1) ?? 'unknown';
  const by = frames.slice(last + 1).find((each) => CALLER.test(each));
  return { name: `${file}.${method}`, by: CALLER.exec(by ?? '')?.[1] ?? 'unknown' };
}

function stack(): string[] {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = MAX_FRAMES;
  const { stack: text = '' } = new Error('where it is');
  Error.stackTraceLimit = before;
  return text.split('\n').slice(1);
}

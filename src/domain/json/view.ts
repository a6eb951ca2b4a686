import type { JsonFault } from './tokens.ts';

/** What a rule looks at: the fault, and what stands around it. */
export interface View extends JsonFault {
  readonly text: string;
  /** The character at fault; empty at the end of the body. */
  readonly here: string;
  /** From the character at fault on. */
  readonly rest: string;
  /** The character right before it, and the last one before it that is no white space. */
  readonly previous: string;
  readonly before: string;
}

/** What to change, where this rule knows what was meant. */
export type Rule = (view: View) => string | null;

const MAX_REST = 60;

/** What stands around a fault. */
export function viewOf(text: string, fault: JsonFault): View {
  const { at } = fault;
  const code = text.codePointAt(at);
  return {
    ...fault,
    text,
    here: code === undefined ? '' : String.fromCodePoint(code),
    rest: text.slice(at, at + MAX_REST),
    previous: text[at - 1] ?? '',
    before: text.slice(0, at).trimEnd().at(-1) ?? '',
  };
}

/** Whether a value, and nothing else or an end, is expected. */
export function wantsValue({ want }: View): boolean {
  return want === 'value' || want === 'value-or-end';
}

/** The same of a field's name. */
export function wantsName({ want }: View): boolean {
  return want === 'name' || want === 'name-or-end';
}

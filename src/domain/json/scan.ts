import { isRounded, readText, readToken } from './tokens.ts';
import type { JsonFault, StructureWant, Want } from './tokens.ts';

/** What reading a text as JSON finds. */
export interface JsonReading {
  /** Null: it is JSON. */
  readonly fault: JsonFault | null;
  /** The paths of numbers that JavaScript would round. */
  readonly rounded: readonly (readonly string[])[];
  /** Whether some object has a key named `__proto__`, however it is spelt. */
  readonly namesPrototype: boolean;
}

/** Deeper than any body of ours, and far from where a recursive reader runs out of stack. */
const MAX_DEPTH = 2_000;

/** An object or list that is open. */
interface Frame {
  readonly isObject: boolean;
  readonly from: number;
  /** The name, or the place in a list, of what is being read. */
  key: string | number;
}

type Step = StructureWant | JsonFault;

/**
 * Reads a text by the grammar of JSON (RFC 8259), and finds what `JSON.parse` does not tell: where exactly it stops being JSON,
 * and which whole numbers would be rounded. It builds no value, never throws, and takes time in proportion to the text.
 */
export function scanJson(text: string): JsonReading {
  const scanner = new Scanner(text);
  const fault = scanner.run();
  return { fault, rounded: scanner.rounded, namesPrototype: scanner.namesPrototype };
}

class Scanner {
  readonly rounded: string[][] = [];
  namesPrototype = false;
  readonly #text: string;
  readonly #open: Frame[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): JsonFault | null {
    let want: StructureWant = 'value';
    for (;;) {
      while (isBlank(this.#text.charCodeAt(this.#at))) this.#at += 1;
      if (want === 'nothing' && this.#at === this.#text.length) return null;
      const step = this.#step(want);
      if (typeof step !== 'string') return step;
      want = step;
    }
  }

  #step(want: StructureWant): Step {
    const character = this.#text[this.#at];
    switch (want) {
      case 'value':
      case 'value-or-end':
        return want !== 'value' && character === ']' ? this.#close() : this.#value(want);
      case 'name':
      case 'name-or-end':
        return want !== 'name' && character === '}' ? this.#close() : this.#name(want);
      case 'colon':
        if (character !== ':') return this.#fault(want);
        this.#at += 1;
        return 'value';
      case 'comma-or-end':
        return this.#behindValue(character);
      case 'nothing':
        return this.#fault(want);
    }
  }

  #value(want: Want): Step {
    const from = this.#at;
    const character = this.#text[from];
    if (character === '{' || character === '[') return this.#begin(character === '{');
    const end = readToken(this.#text, from);
    if (end === null) return this.#fault(want);
    if (typeof end !== 'number') return end;
    this.#at = end;
    if (character !== '"' && isRounded(this.#text.slice(from, end))) this.rounded.push(this.#path());
    return this.#ended();
  }

  #begin(isObject: boolean): Step {
    if (this.#open.length === MAX_DEPTH) return this.#fault('less-depth');
    this.#open.push({ isObject, from: this.#at, key: 0 });
    this.#at += 1;
    return isObject ? 'name-or-end' : 'value-or-end';
  }

  #close(): Step {
    this.#open.pop();
    this.#at += 1;
    return this.#ended();
  }

  #ended(): Step {
    return this.#open.length === 0 ? 'nothing' : 'comma-or-end';
  }

  #behindValue(character: string | undefined): Step {
    const frame = this.#open.at(-1);
    if (frame === undefined) return 'nothing';
    if (character === (frame.isObject ? '}' : ']')) return this.#close();
    if (character !== ',') return this.#fault('comma-or-end');
    this.#at += 1;
    if (typeof frame.key === 'number') frame.key += 1;
    return frame.isObject ? 'name' : 'value';
  }

  #name(want: Want): Step {
    const from = this.#at;
    if (this.#text[from] !== '"') return this.#fault(want);
    const end = readText(this.#text, from);
    if (typeof end !== 'number') return end;
    this.#at = end;
    const written = this.#text.slice(from, end);
    const name = written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1);
    const frame = this.#open.at(-1);
    if (frame !== undefined) frame.key = name;
    this.namesPrototype ||= name === '__proto__';
    return 'colon';
  }

  #path(): string[] {
    return this.#open.map(({ key }) => String(key));
  }

  #fault(want: Want): JsonFault {
    return { at: this.#at, want, from: this.#open.at(-1)?.from ?? 0 };
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

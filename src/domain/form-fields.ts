import { isRounded } from './json/tokens.ts';
import type { FieldKind } from './models/input-kinds.ts';
import { nearestName } from './nearest-name.ts';

/** What a form's fields can mean. */
export interface FormShape {
  /** Fields beside `input`, by their names. */
  readonly fields: ReadonlyMap<string, FieldKind>;
  /** Objects beside `input`, whose fields are written `metadata.NAME`. */
  readonly objects: readonly string[];
  /** Fields of `input`, by their own names. */
  readonly input: ReadonlyMap<string, FieldKind>;
}

/** What a form says, and by their dotted paths the fields that say it wrongly. */
export interface FormBody {
  readonly body: Record<string, unknown>;
  /** Given more than once, and no lists. */
  readonly repeated: readonly string[];
  /** Whole numbers that JavaScript would round. */
  readonly rounded: readonly string[];
}

/** With more names than any request has, nobody is told which they were meant to be. */
const MAX_NAMES = 200;

/** A number as people and tools write one; `0x10`, `Infinity` and the like are none. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const TEXT: FieldKind = { kind: 'text', isList: false };

/**
 * The body that a form says. An empty value is absent; lists come by repetition; what cannot be read as a number, or as true or
 * false, stays the text that it is, so that the same is said of it as where JSON has it.
 */
export function bodyOfForm(pairs: Iterable<readonly [string, string]>, shape: FormShape): FormBody {
  const values = valuesOf(pairs);
  const body = new Map<string, unknown>();
  const objects = new Map<string, Map<string, unknown>>([['input', new Map()]]);
  const repeated: string[] = [];
  const rounded: string[] = [];
  for (const [name, texts] of values) {
    const { object, key, field } = placeOf(name, shape, values.size <= MAX_NAMES);
    const path = object === null ? key : `${object}.${key}`;
    const isRepeated = texts.length > 1 && !field.isList;
    if (isRepeated) repeated.push(path);
    if (field.kind === 'number' && texts.some(isRoundedText)) rounded.push(path);
    const all = texts.map((text) => typed(text, field));
    const value = field.isList ? all : all[0];
    if (object === null) body.set(key, value);
    else objects.set(object, (objects.get(object) ?? new Map<string, unknown>()).set(key, value));
  }
  // Not by assignment: a field may be called `__proto__`.
  for (const [object, fields] of objects) body.set(object, Object.fromEntries(fields));
  return { body: Object.fromEntries(body), repeated, rounded };
}

function valuesOf(pairs: Iterable<readonly [string, string]>): ReadonlyMap<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    if (value === '') continue;
    const texts = values.get(name);
    if (texts === undefined) values.set(name, [value]);
    else texts.push(value);
  }
  return values;
}

interface Place {
  /** Null: beside `input`. */
  readonly object: string | null;
  readonly key: string;
  readonly field: FieldKind;
}

/** A name that nobody knows stands where the one that was probably meant would, else among the model's. */
function placeOf(name: string, { fields, objects, input }: FormShape, guesses: boolean): Place {
  const own = fields.get(name);
  if (own !== undefined) return { object: null, key: name, field: own };
  const ofInput = input.get(name);
  if (ofInput !== undefined) return { object: 'input', key: name, field: ofInput };
  const object = objects.find((one) => name.startsWith(`${one}.`));
  if (object !== undefined) return { object, key: name.slice(object.length + 1), field: TEXT };
  const meant = guesses ? nearestName(name, [...input.keys(), ...fields.keys(), ...objects]) : null;
  const isInput = meant === null || input.has(meant);
  return { object: isInput ? 'input' : null, key: name, field: TEXT };
}

function typed(text: string, { kind }: FieldKind): unknown {
  const trimmed = text.trim();
  switch (kind) {
    case 'number':
      return NUMBER.test(trimmed) ? Number(trimmed) : text;
    case 'boolean':
      return { true: true, false: false }[trimmed.toLowerCase()] ?? text;
    case 'text':
      return text;
  }
}

function isRoundedText(text: string): boolean {
  return isRounded(
    text
      .trim()
      .replace(/^\+/, '')
      .replace(/^(-?)0+(?=\d)/, '$1'),
  );
}

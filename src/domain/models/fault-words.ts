import { DURATION } from './bounds.ts';
import type { BoundedField, BoundedScalar } from './bounds.ts';

/**
 * What is wrong with a value, in words. They are read by people who fill in a form of a no-code tool, so they say what to enter,
 * after the field's name.
 */

/** Keywords of JSON Schema that a value can fail, the one that says most first. */
export const KEYWORDS = [
  'enum',
  'type',
  'minLength',
  'maxLength',
  'format',
  'exclusiveMinimum',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
] as const;
export type Keyword = (typeof KEYWORDS)[number];

export interface FaultyField {
  readonly name: string;
  readonly schema: BoundedField;
  readonly isRequired: boolean;
}

/** What to enter, where a value fails a keyword of its field. */
export function wordsOfFault(keyword: Keyword, field: FaultyField): string {
  const { schema, isRequired } = field;
  if (schema.type === 'array') return wordsOfList(keyword, field, schema.maxItems ?? 0);
  if (schema.enum !== undefined) return `must be one of ${schema.enum.join(', ')}`;
  switch (keyword) {
    case 'minLength':
      if (schema.minLength !== 1) return `must be at least ${grouped(schema.minLength)} characters`;
      return isRequired ? 'must not be empty' : 'must not be empty; leave it out for the default';
    case 'maxLength':
      return `${sortOf(field)}at most ${grouped(schema.maxLength)} characters`;
    case 'format':
      return 'must be a public URL that starts with http:// or https://';
    case 'exclusiveMinimum':
      return `must be above ${grouped(schema.exclusiveMinimum)}`;
    case 'minimum':
      return `must be at least ${grouped(schema.minimum)}${unitOf(field)}`;
    case 'maximum':
      return `must be at most ${grouped(schema.maximum)}${unitOf(field)}`;
    case 'enum':
    case 'type':
    case 'minItems':
    case 'maxItems':
      return `must be ${kindOf(field)}`;
  }
}

/** Where a field that has to be there is not. */
export function wordsOfAbsence(field: FaultyField): string {
  return `is required and must be ${kindOf(field)}`;
}

function wordsOfList(keyword: Keyword, field: FaultyField, maxItems: number): string {
  const things = thingsOf(field.schema.type === 'array' ? field.schema.items : field.schema);
  if (keyword === 'minItems') return `must have at least one ${things === 'URLs' ? 'URL' : 'entry'}`;
  if (keyword === 'maxItems') return `must have at most ${maxItems} ${things}`;
  return `must be ${kindOf(field)}`;
}

function kindOf({ name, schema }: FaultyField): string {
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'number':
      return name === DURATION ? 'a number of seconds' : 'a number';
    case 'integer':
      return name === DURATION ? 'a whole number of seconds' : 'a whole number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list of ${thingsOf(schema.items)}`;
  }
}

function thingsOf({ type, format }: BoundedScalar): string {
  if (format === 'uri') return 'URLs';
  return { string: 'texts', number: 'numbers', integer: 'whole numbers', boolean: 'true or false' }[type];
}

/** What a text that is too long should be. */
function sortOf({ name, schema }: FaultyField): string {
  if (schema.type === 'string' && schema.format === 'uri') return 'must be a URL of ';
  return /(^|_)ratio$/.test(name) ? 'must be a ratio such as 16:9, ' : 'must be ';
}

function unitOf({ name }: FaultyField): string {
  return name === DURATION ? ' seconds' : '';
}

function grouped(number = 0): string {
  return number.toLocaleString('en', { maximumFractionDigits: 20 });
}

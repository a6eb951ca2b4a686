import { Validator } from '@cfworker/json-schema';
import type { Schema } from '@cfworker/json-schema';
import { boundedSchema } from './bounds.ts';
import type { BoundedField, BoundedScalar, BoundedSchema } from './bounds.ts';
import { KEYWORDS, wordsOfAbsence, wordsOfFault } from './fault-words.ts';
import type { FaultyField, Keyword } from './fault-words.ts';
import type { Model } from './model.ts';
import { nearestName } from '../nearest-name.ts';

/** A place in an input, and what to enter there. */
export interface InputFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** An answer is not to be many times the size of its question. */
const MAX_FAULTS = 100;

/** What is said of a field that nobody knows. */
export const UNKNOWN_FIELD = 'is not a field of this request';

const validators = new WeakMap<Model, Validator>();

/** What of an input its model does not take, each field once: none where all is well. Null counts as absent. */
export function inputFaults(model: Model, input: Readonly<Record<string, unknown>>): InputFault[] {
  const schema = boundedSchema(model);
  const given = Object.fromEntries(
    Object.entries(input).filter(([name, value]) => isGiven(schema, name, value)),
  );
  const absent = schema.required
    .filter((name) => !Object.hasOwn(given, name))
    .flatMap((name) => {
      const field = fieldAt(schema, [name]);
      return field === null ? [] : [{ path: [name], message: wordsOfAbsence(field) }];
    });
  return [...absent, ...valueFaults(model, schema, given), ...unknownFields(schema, given)].slice(
    0,
    MAX_FAULTS,
  );
}

/** What no field takes is named whatever its value is. */
function isGiven({ properties }: BoundedSchema, name: string, value: unknown): boolean {
  return value !== undefined && (value !== null || !Object.hasOwn(properties, name));
}

function valueFaults(
  model: Model,
  schema: BoundedSchema,
  given: Readonly<Record<string, unknown>>,
): InputFault[] {
  const failed = new Map<string, { readonly path: readonly string[]; readonly keywords: Keyword[] }>();
  const fail = (path: readonly string[], keyword: Keyword) => {
    const name = JSON.stringify(path);
    const known = failed.get(name) ?? { path, keywords: [] };
    known.keywords.push(keyword);
    failed.set(name, known);
  };
  for (const { keyword, instanceLocation } of validatorOf(model, schema).validate(asJson(given)).errors) {
    const known = KEYWORDS.find((one) => one === keyword);
    if (known !== undefined) fail(pathOf(instanceLocation), known);
  }
  for (const path of wrongUrls(schema, given)) fail(path, 'format');
  return Array.from(failed.values()).flatMap(({ path, keywords }) => {
    const field = fieldAt(schema, path);
    if (field === null) return [];
    const message =
      valueAt(given, path) === null
        ? wordsOfAbsence(field)
        : wordsOfFault(KEYWORDS.find((one) => keywords.includes(one)) ?? 'type', field);
    return [{ path, message }];
  });
}

/** Which fields there are, and which have to be, is looked at here: it is told in words of its own. */
function validatorOf(model: Model, { properties }: BoundedSchema): Validator {
  const known = validators.get(model);
  if (known !== undefined) return known;
  const schema: Schema = { type: 'object', properties: withoutFormats(properties) };
  const validator = new Validator(schema, '2020-12', false);
  validators.set(model, validator);
  return validator;
}

/** The library's pattern of a URI takes what upstream does not. */
function withoutFormats(properties: Readonly<Record<string, BoundedField>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [
      name,
      field.type === 'array' ? { ...field, items: withoutFormat(field.items) } : withoutFormat(field),
    ]),
  );
}

function withoutFormat(field: BoundedScalar): object {
  return { ...field, format: undefined };
}

/** JSON has no such numbers: to the validator they are words. */
function asJson(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ]),
  );
}

function wrongUrls({ properties }: BoundedSchema, given: Readonly<Record<string, unknown>>): string[][] {
  return Object.entries(properties).flatMap(([name, field]) => {
    if (!Object.hasOwn(given, name)) return [];
    const value = given[name];
    if (field.type !== 'array') return field.format === 'uri' && isWrongUrl(value) ? [[name]] : [];
    if (field.items.format !== 'uri' || !Array.isArray(value)) return [];
    return value.flatMap((url, i) => (isWrongUrl(url) ? [[name, String(i)]] : []));
  });
}

function isWrongUrl(value: unknown): boolean {
  return typeof value === 'string' && !isHttpUrl(value);
}

function isHttpUrl(url: string): boolean {
  // The parser drops surrounding white space, tabs and line breaks; upstream is sent the string as it is, so they are
  // refused here. It also forgives a missing "//", which the prefix does not.
  return /^https?:\/\//i.test(url) && !/^\s|[\t\r\n]|\s$/.test(url) && URL.canParse(url);
}

function unknownFields(
  { properties, additionalProperties }: BoundedSchema,
  given: Readonly<Record<string, unknown>>,
): InputFault[] {
  if (additionalProperties) return [];
  const names = Object.keys(properties);
  return Object.keys(given)
    .filter((name) => !Object.hasOwn(properties, name))
    .slice(0, MAX_FAULTS)
    .map((name) => {
      const meant = nearestName(name, names);
      const hint = meant === null ? '' : `: did you mean ${meant}?`;
      return { path: [name], message: UNKNOWN_FIELD + hint };
    });
}

function fieldAt({ properties, required }: BoundedSchema, path: readonly string[]): FaultyField | null {
  const [name = '', ...inner] = path;
  const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (field === undefined) return null;
  const isEntry = inner.length > 0 && field.type === 'array';
  return { name, schema: isEntry ? field.items : field, isRequired: isEntry || required.includes(name) };
}

function valueAt(given: Readonly<Record<string, unknown>>, [name = '', index]: readonly string[]): unknown {
  const value = given[name];
  return index !== undefined && Array.isArray(value) ? value[Number(index)] : value;
}

/** The path of a JSON pointer such as `#/image_urls/0`. */
function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

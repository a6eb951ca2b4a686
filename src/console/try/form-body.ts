import type { Task } from '../../domain/task.ts';
import { withoutNulls } from '../../domain/models/model.ts';
import type { Field } from './fields.ts';

/** A form's values, by the name of their field. */
export type FormValues = Readonly<Record<string, string>>;

/** What a newcomer finds in the form: something that can be sent as it is. */
export const SAMPLE: FormValues = {
  'input.prompt': 'A red fox walks through fresh snow at dawn',
  'input.resolution': '720p',
  'input.duration': '5',
  callback: 'inbox',
};

/** The values of a posted form; files count as nothing. */
export function valuesOf(form: Readonly<Record<string, unknown>>): FormValues {
  return Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

/** The `input` that the form says: what was left empty is absent, and what is no number stays as it was typed. */
export function inputOf(fields: readonly Field[], values: FormValues): Record<string, unknown> {
  const entries = fields.map((field) => [field.name, typed(field, chosen(field, values))] as const);
  return withoutNulls(Object.fromEntries(entries));
}

/** What stands in the field; of a shape that is none of the offered ones, what is written beside it. */
function chosen({ name, kind }: Field, values: FormValues): string {
  const value = values[`input.${name}`] ?? '';
  return kind === 'shape' && value === OTHER ? (values[otherOf(name)] ?? '') : value;
}

/** The choice that stands for a text of one's own, and the name of the field for that. */
export const OTHER = 'other';
export function otherOf(name: string): string {
  return `input.${name}.other`;
}

function typed({ kind, of }: Field, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  switch (kind) {
    case 'list':
      return trimmed
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .map((line) => scalar(of, line));
    case 'long-text':
      return text.replaceAll('\r\n', '\n');
    case 'number':
    case 'flag':
    case 'text':
    case 'shape':
    case 'choice':
      return scalar(of, trimmed);
  }
}

function scalar(of: Field['of'], text: string): unknown {
  if (of === 'string') return text;
  if (of === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Lines such as `row = 42`. */
export function metadataOf(values: FormValues): Record<string, string> {
  return Object.fromEntries(
    linesOf(values).flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
    }),
  );
}

/** The first line of the metadata that has no "=", or null. */
export function lineWithoutValue(values: FormValues): string | null {
  return linesOf(values).find((line) => !line.includes('=')) ?? null;
}

function linesOf(values: FormValues): string[] {
  return (values['metadata'] ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** The form that would post a task once more. */
export function valuesOfTask({
  model,
  input,
  metadata,
}: Pick<Task, 'model' | 'input' | 'metadata'>): FormValues {
  const shape = input['ratio'] ?? input['aspect_ratio'];
  const values = { ...input, ...(shape === undefined ? {} : { ratio: shape, aspect_ratio: shape }) };
  return {
    model,
    callback: 'inbox',
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`input.${name}`, asTyped(value)])),
    metadata: Object.entries(metadata)
      .map(([name, value]) => `${name} = ${String(value)}`)
      .join('\n'),
  };
}

function asTyped(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join('\n');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

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
  const entries = fields.map(
    (field) => [field.name, typed(field, values[`input.${field.name}`] ?? '')] as const,
  );
  return withoutNulls(Object.fromEntries(entries));
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
    case 'choice':
      return scalar(of, trimmed);
  }
}

function scalar(of: Field['of'], text: string): unknown {
  if (of === 'string') return text;
  if (of === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Lines such as `row = 42`. A line without "=" is a name without a value. */
export function metadataOf(values: FormValues): Record<string, string> {
  const lines = (values['metadata'] ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

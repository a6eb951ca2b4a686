import { BUILTIN_CATALOG } from '../../domain/models/catalog.ts';
import type { Catalog } from '../../domain/models/catalog.ts';
import { estimateCredits } from '../../domain/models/model.ts';
import type { Model } from '../../domain/models/model.ts';
import { problemOfViewerPage } from '../../domain/viewer-page.ts';
import type { FieldError } from '../../http/problem.ts';
import { taskBody } from '../../http/task-request.ts';
import { fieldErrors } from '../../http/validation.ts';
import { fieldsOf } from './fields.ts';
import type { Field } from './fields.ts';
import { inputOf, lineWithoutValue, metadataOf, OTHER, otherOf } from './form-body.ts';
import type { FormValues } from './form-body.ts';

export type CallbackChoice = 'inbox' | 'url' | 'none';

/** What a form says so far, whether or not it is complete. */
export interface Draft {
  /** What may be chosen from. */
  readonly models: readonly Model[];
  readonly model: Model;
  readonly fields: readonly Field[];
  readonly values: FormValues;
  readonly callback: CallbackChoice;
  /** The body of `POST /v1/tasks`; without a callback URL where the built-in inbox takes it. */
  readonly body: {
    readonly model: string;
    readonly input: Record<string, unknown>;
    readonly callback_url?: string;
    readonly metadata?: Record<string, string>;
  };
  readonly credits: number | null;
}

export function draftOf(given: FormValues, catalog: Catalog): Draft {
  const { models } = catalog;
  const model = catalog.find(given['model'] ?? '') ?? models[0];
  // All are disabled: the form has to show something, and what it posts is refused in words.
  if (model === undefined) return draftOf(given, BUILTIN_CATALOG);
  const fields = fieldsOf(model);
  const values = fitting(given, fields);
  const callback = (['url', 'none'] as const).find((choice) => choice === values['callback']) ?? 'inbox';
  const input = inputOf(fields, values);
  const metadata = metadataOf(values);
  const body = {
    model: model.id,
    input,
    ...(callback === 'url' ? { callback_url: (values['callback_url'] ?? '').trim() } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
  return { models, model, fields, values, callback, body, credits: estimateCredits(model, input) };
}

/** Another model has other choices: one that it has not gives way to its first, and a shape of one's own stands beside them. */
function fitting(values: FormValues, fields: readonly Field[]): FormValues {
  const changed: Record<string, string> = {};
  for (const { name, kind, choices } of fields) {
    const value = values[`input.${name}`] ?? '';
    if (value === '' || choices.includes(value)) continue;
    if (kind === 'choice') changed[`input.${name}`] = choices[0] ?? '';
    if (kind === 'shape' && value !== OTHER) {
      changed[`input.${name}`] = OTHER;
      changed[otherOf(name)] = value;
    }
  }
  return { ...values, ...changed };
}

/** The body of a draft, checked as the API checks it, and for what only people do; else what is at fault. */
export async function checked(draft: Draft) {
  const { body, model } = draft;
  // The draft's own model was read a moment ago.
  const models = { known: () => BUILTIN_CATALOG, find: async () => await Promise.resolve(model) };
  const parsed = await taskBody(models).safeParseAsync(body);
  const errors = [...(parsed.success ? [] : fieldErrors(parsed.error)), ...slips(draft)];
  return parsed.success && errors.length === 0
    ? { ok: true as const, body: parsed.data }
    : { ok: false as const, errors };
}

/** What the API would take, and nobody means. */
function slips({ fields, body, values }: Draft): FieldError[] {
  const pages = fields
    .filter(({ isUrl }) => isUrl)
    .flatMap(({ name, kind }) =>
      [body.input[name] ?? []].flat().map((link, i) => ({
        path: kind === 'list' ? `input.${name}.${i}` : `input.${name}`,
        message: typeof link === 'string' ? problemOfViewerPage(link) : null,
      })),
    )
    .flatMap(({ path, message }) => (message === null ? [] : [{ path, message }]));
  const line = lineWithoutValue(values);
  return line === null
    ? pages
    : [
        ...pages,
        { path: 'metadata', message: `has a line without "=": ${line.slice(0, 60)}. Write name = value.` },
      ];
}

/** The body as somebody else would send it: with an address of their own in place of the built-in inbox. */
export function exampleBody({ body, callback }: Draft) {
  return callback === 'inbox' ? { ...body, callback_url: 'https://hooks.example.com/your-hook' } : body;
}

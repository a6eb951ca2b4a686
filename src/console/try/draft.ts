import { BUILTIN_CATALOG } from '../../domain/models/catalog.ts';
import type { Catalog } from '../../domain/models/catalog.ts';
import { estimateCredits } from '../../domain/models/model.ts';
import type { Model } from '../../domain/models/model.ts';
import type { FieldError } from '../../http/problem.ts';
import { taskBody } from '../../http/task-request.ts';
import { fieldErrors } from '../../http/validation.ts';
import { fieldsOf } from './fields.ts';
import type { Field } from './fields.ts';
import { inputOf, metadataOf } from './form-body.ts';
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

export function draftOf(values: FormValues, catalog: Catalog): Draft {
  const { models } = catalog;
  const model = catalog.find(values['model'] ?? '') ?? models[0];
  // All are disabled: the form has to show something, and what it posts is refused in words.
  if (model === undefined) return draftOf(values, BUILTIN_CATALOG);
  const fields = fieldsOf(model);
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

/** The body of a draft, checked as the API checks it; else what is at fault. */
export async function checked({ body, model }: Draft) {
  // The draft's own model was read a moment ago.
  const models = { known: () => BUILTIN_CATALOG, find: async () => await Promise.resolve(model) };
  const parsed = await taskBody(models).safeParseAsync(body);
  const errors: FieldError[] = parsed.success ? [] : fieldErrors(parsed.error);
  return parsed.success ? { ok: true as const, body: parsed.data } : { ok: false as const, errors };
}

/** The body as somebody else would send it: with an address of their own in place of the built-in inbox. */
export function exampleBody({ body, callback }: Draft) {
  return callback === 'inbox' ? { ...body, callback_url: 'https://hooks.example.com/your-hook' } : body;
}

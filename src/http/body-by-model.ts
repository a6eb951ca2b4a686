import { z } from '@hono/zod-openapi';
import { publishedSchema } from '../domain/models/bounds.ts';
import type { Catalog } from '../domain/models/catalog.ts';
import { faultsOfAnyModel } from '../domain/models/any-model.ts';
import { inputFaults } from '../domain/models/faults.ts';
import { modelIdsOf } from '../domain/models/catalog.ts';
import type { Models } from '../engine/known-models.ts';

const NO_INPUT = ({ input }: { readonly input?: unknown }) =>
  input === undefined || input === null ? 'is required and must be an object' : 'must be an object';

/** The issues of a body, beside what its own schema found. */
interface Payload {
  readonly value: unknown;
  issues: z.core.$ZodRawIssue[];
}

/**
 * A strict object whose `input` is what its `model` takes, by the catalog of the moment; `extra` are the fields beside these two. What
 * is at fault anywhere is told together; of a model that is none, what no model would take.
 */
export function bodyByModel<Extra extends z.ZodRawShape>(
  models: Pick<Models, 'find' | 'known'>,
  extra: Extra,
) {
  const body = z.strictObject(
    { model: z.string(), input: z.record(z.string(), z.unknown(), { error: NO_INPUT }), ...extra },
    { error: ({ code }) => (code === 'unrecognized_keys' ? undefined : 'must be a JSON object') },
  );
  const fit = async (payload: Payload, { model: id, input }: Partial<Record<string, unknown>>) => {
    const model = typeof id === 'string' ? await models.find(id) : null;
    if (model === null) {
      const message = `must be one of: ${modelIdsOf(models.known()).join(', ')}`;
      payload.issues = payload.issues.filter(({ path }) => path?.[0] !== 'model');
      payload.issues.unshift({ code: 'custom', path: ['model'], message, input: id });
    }
    if (payload.issues.some(({ path }) => path?.[0] === 'input') || !isObject(input)) return;
    const faults = model === null ? faultsOfAnyModel(models.known(), input) : inputFaults(model, input);
    for (const { path, message } of faults)
      payload.issues.push({ code: 'custom', path: ['input', ...path], message, input });
  };
  // Nothing waits where there is no object: the document's maker asks without waiting whether a body may be left out.
  const fitting = z.check<z.output<typeof body>>((payload: Payload) =>
    isObject(payload.value) ? fit(payload, payload.value) : undefined,
  );
  // Of a body with other faults too: who mends one at a time, posts many times.
  // oxlint-disable-next-line no-underscore-dangle -- zod gives `when` to checks, and has no other place for it
  fitting._zod.def.when = () => true;
  return body.check(fitting);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const ObjectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  example: z.unknown(),
});

/** Such a body in the document: one object a model, told apart by `model`. */
export function documentedByModel(schema: object | undefined, catalog: Catalog) {
  const { example, properties, ...body } = ObjectSchema.parse(schema);
  const oneOf = catalog.models.map((model) => {
    const { $schema: _, ...input } = publishedSchema(model);
    return {
      ...body,
      properties: { ...properties, model: { type: 'string', enum: [model.id] }, input },
    };
  });
  return { oneOf, ...(example === undefined ? {} : { example }) };
}

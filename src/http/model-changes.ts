import type { Context } from 'hono';
import { z } from '@hono/zod-openapi';
import type { CatalogEntry } from '../domain/models/catalog.ts';
import { ModelDefinition } from '../domain/models/definition.ts';
import type { Definition } from '../domain/models/model.ts';
import { audit } from './audit.ts';
import { invalid, ProblemError } from './problem.ts';
import type { Services } from './services.ts';
import { definitionErrors } from './definition-errors.ts';
import { fieldErrors } from './validation.ts';

/** Operators add models by hand; each is read by every isolate, and shown to every client. */
const MAX_MODELS = 100;

const Switch = z.strictObject({ disabled: z.boolean('must be true or false') });

/** Adds a model, changes it, or disables it; 422 names what of it is not taken, 409 says that it is built in. */
export async function putModel(
  c: Context,
  services: Services,
  id: string,
  body: unknown,
): Promise<{ readonly entry: CatalogEntry; readonly isNew: boolean }> {
  // As it is now: what somebody else has put a second ago is not undone.
  const before = (await freshCatalog(services)).entry(id);
  const change = changeOf(id, body, before);
  if (before === undefined && (await services.models.catalog()).entries.length >= MAX_MODELS)
    throw new ProblemError('too-many-models', `There are ${MAX_MODELS} models. Delete one that nobody uses.`);
  await services.models.put(id, change.definition, {
    isDisabled: change.isDisabled,
    at: services.clock.now(),
  });
  const state = change.isDisabled ? 'disabled' : 'enabled';
  await audit(c, services, before === undefined ? 'model.added' : 'model.changed', {
    detail: `${id} (${state})`,
  });
  const entry = (await services.models.catalog()).entry(id);
  if (entry === undefined) throw new ProblemError('not-found', 'The model was deleted meanwhile.');
  return { entry, isNew: before === undefined };
}

function changeOf(
  id: string,
  body: unknown,
  before: CatalogEntry | undefined,
): { readonly definition: Definition | null; readonly isDisabled: boolean } {
  const onOff = Switch.safeParse(body);
  if (before !== undefined && !onOff.success && isSwitch(body)) throw invalid(fieldErrors(onOff.error));
  if (before?.isBuiltin === true) {
    if (onOff.success) return { definition: null, isDisabled: onOff.data.disabled };
    throw builtIn(`${id} is built in: it takes {"disabled": true} or {"disabled": false}, and nothing else.`);
  }
  if (onOff.success && before !== undefined) {
    const { title, media, input_schema, credits } = before.model;
    return { definition: { title, media, input_schema, credits }, isDisabled: onOff.data.disabled };
  }
  const parsed = ModelDefinition.safeParse(body);
  if (!parsed.success) throw invalid(definitionErrors(parsed.error));
  return { definition: parsed.data, isDisabled: parsed.data.disabled ?? before?.isDisabled ?? false };
}

function isSwitch(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).join() === 'disabled';
}

/** 404 where there is none, 409 where it is built in. */
export async function deleteModel(c: Context, services: Services, id: string): Promise<void> {
  const entry = (await freshCatalog(services)).entry(id);
  if (entry === undefined) throw new ProblemError('not-found', 'There is no model with this id.');
  if (entry.isBuiltin) throw builtIn(`${id} is built in, and stays. Disable it instead: {"disabled": true}.`);
  await services.models.remove(id);
  await audit(c, services, 'model.deleted', { detail: id });
}

async function freshCatalog({ models, knownModels }: Services) {
  knownModels.expire();
  return await models.catalog();
}

function builtIn(detail: string): ProblemError {
  return new ProblemError('built-in-model', detail);
}

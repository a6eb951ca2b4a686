import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Config } from '../config.ts';
import { MODELS } from '../domain/models/catalog.ts';
import { nearestName } from '../domain/nearest-name.ts';
import { invalid } from './problem.ts';
import type { FieldError } from './problem.ts';
import { requestErrors } from './task-request.ts';
import { fieldErrors, MAX_ERRORS, UNKNOWN_FIELD } from './validation.ts';

const Obj = z.record(z.string(), z.unknown());
const Headers = z.record(z.string(), z.string());
const Seconds = z.int().min(1);

/** A surface that tasks are posted to: what it takes beside `model` and `input`, and what it calls the callback's address. */
export interface TaskSurface {
  readonly options: z.ZodRawShape;
  readonly callbackUrlField: string;
}

interface Result {
  readonly error?: z.core.$ZodError;
  readonly target: string;
}

/** The hook that refuses a task with all that is wrong with it, so that nobody mends one fault a request. */
export function refuseInvalidTask(config: Config, surface: TaskSurface) {
  return ({ error, target }: Result, c: Context): Promise<never> | undefined => {
    if (error === undefined) return undefined;
    if (target !== 'json') throw invalid(fieldErrors(error));
    return refuse(c, config, surface, error);
  };
}

async function refuse(
  c: Context,
  config: Config,
  surface: TaskSurface,
  error: z.core.$ZodError,
): Promise<never> {
  const body = Obj.safeParse(await c.req.json()).data;
  if (body === undefined) throw invalid(fieldErrors(error));
  const found = bodyFaults(error, body, surface);
  const more = requestErrors(c, config, draftOf(body, surface.callbackUrlField));
  const isNew = ({ path }: FieldError) => !found.some((fault) => fault.path === path);
  throw invalid([...found, ...more.filter(isNew)].slice(0, MAX_ERRORS));
}

/** Without its model a body fits no schema as a whole: then each of its fields is judged by itself. */
function bodyFaults(
  error: z.core.$ZodError,
  body: Readonly<Record<string, unknown>>,
  { options }: TaskSurface,
): FieldError[] {
  const model = MODELS.find(({ id }) => id === body['model']);
  const shapes = (model === undefined ? MODELS : [model]).map(({ input }): z.ZodRawShape => input.shape);
  const ofInput = new Set(shapes.flatMap((shape) => Object.keys(shape)));
  const beside = new Set(['model', 'input', ...Object.keys(options)]);
  const errors = fieldErrors(error);
  if (model === undefined) {
    errors.push(...unknownOf('', body, beside), ...faultsOf(z.object(options), body));
    const input = Obj.safeParse(body['input']).data;
    if (input === undefined) errors.push({ path: 'input', message: 'is required and must be an object' });
    else errors.push(...unknownOf('input.', input, ofInput), ...inputFaults(input, shapes));
  }
  return errors.map(({ path, message }) => ({
    path,
    message: message === UNKNOWN_FIELD ? message + hintFor(path, beside, ofInput) : message,
  }));
}

function unknownOf(
  before: string,
  fields: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
): FieldError[] {
  const unknown = Object.keys(fields).filter((name) => !known.has(name));
  return unknown.slice(0, MAX_ERRORS).map((name) => ({ path: before + name, message: UNKNOWN_FIELD }));
}

/** What no model would take. */
function inputFaults(
  input: Readonly<Record<string, unknown>>,
  shapes: readonly z.ZodRawShape[],
): FieldError[] {
  return Object.keys(input).flatMap((name) => {
    const rules = shapes.flatMap((shape) => (Object.hasOwn(shape, name) ? (shape[name] ?? []) : []));
    const faults = rules.map((rule) => faultsOf(z.object({ input: z.object({ [name]: rule }) }), { input }));
    return faults.some((one) => one.length === 0) ? [] : (faults[0] ?? []);
  });
}

function faultsOf(schema: z.ZodObject, value: unknown): FieldError[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : fieldErrors(parsed.error);
}

/** Where a field that nobody knows belongs, or what it was probably meant to be; empty where that cannot be told. */
function hintFor(path: string, beside: ReadonlySet<string>, ofInput: ReadonlySet<string>): string {
  const isInput = path.startsWith('input.');
  const name = isInput ? path.slice('input.'.length) : path;
  const [own, other] = isInput ? [ofInput, beside] : [beside, ofInput];
  if (other.has(name)) return isInput ? ': write it beside input, not in it' : ': write it in input';
  const meant = nearestName(name, own) ?? nearestName(name, other);
  return meant === null ? '' : `: did you mean ${meant}?`;
}

/** As much of a body as can be judged although other parts of it are wrong. */
function draftOf(body: Readonly<Record<string, unknown>>, callbackUrlField: string) {
  const url = body[callbackUrlField];
  return {
    callbackUrl: typeof url === 'string' ? url : null,
    callbackUrlField,
    callbackHeaders: Headers.safeParse(body['callback_headers']).data ?? {},
    timeoutSeconds: Seconds.safeParse(body['timeout_seconds']).data ?? null,
  };
}

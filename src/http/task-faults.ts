import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { hintOf, inputNamesOf } from '../domain/models/any-model.ts';
import { UNKNOWN_FIELD } from '../domain/models/faults.ts';
import { invalid } from './problem.ts';
import type { FieldError } from './problem.ts';
import type { Services } from './services.ts';
import { requestErrors } from './task-request.ts';
import { fieldErrors, MAX_ERRORS } from './validation.ts';

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
export function refuseInvalidTask(
  services: Pick<Services, 'config' | 'models'>,
  { options, callbackUrlField }: TaskSurface,
) {
  const beside = ['model', 'input', ...Object.keys(options)];
  const refuse = async (error: z.core.$ZodError, target: string, c: Context): Promise<never> => {
    const found = fieldErrors(error);
    const body = target === 'json' ? Obj.safeParse(await c.req.json()).data : undefined;
    if (body === undefined) throw invalid(found);
    const ofInput = inputNamesOf(services.models.known());
    const more = requestErrors(c, services.config, draftOf(body, callbackUrlField));
    const isNew = ({ path }: FieldError) => !found.some((fault) => fault.path === path);
    const all = [...found, ...more.filter(isNew)].slice(0, MAX_ERRORS);
    throw invalid(all.map((fault) => hinted(fault, beside, ofInput)));
  };
  return ({ error, target }: Result, c: Context): Promise<never> | undefined =>
    error === undefined ? undefined : refuse(error, target, c);
}

/** Says where a field that nobody knows belongs, or what it was probably meant to be. */
function hinted(fault: FieldError, beside: readonly string[], ofInput: readonly string[]): FieldError {
  const { path, message } = fault;
  if (message !== UNKNOWN_FIELD) return fault;
  const isInput = path.startsWith('input.');
  const name = isInput ? path.slice('input.'.length) : path;
  if (isInput && beside.includes(name))
    return { path, message: `${message}: write it beside input, not in it` };
  if (!isInput && ofInput.includes(name)) return { path, message: `${message}: write it in input` };
  const hint = isInput ? hintOf(name, beside) : hintOf(name, beside) || hintOf(name, ofInput);
  return { path, message: message + hint };
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

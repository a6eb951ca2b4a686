import { z } from '@hono/zod-openapi';
import { hintOf, inputNamesOf } from '../domain/models/any-model.ts';
import { UNKNOWN_FIELD } from '../domain/models/faults.ts';
import { onInvalid, refusalWithAll } from './all-faults.ts';
import type { AnyBody } from './all-faults.ts';
import type { FieldError } from './problem.ts';
import type { Services } from './services.ts';
import { requestErrors } from './task-request.ts';

const Headers = z.record(z.string(), z.string());
const Seconds = z.int().min(1);

/** A surface that tasks are posted to: what it takes beside `model` and `input`, and what it calls the callback's address. */
export interface TaskSurface {
  readonly options: z.ZodRawShape;
  readonly callbackUrlField: string;
}

/** The hook of a route that a task is judged by. */
export function refuseInvalidTask(...how: Parameters<typeof refusalOfTask>) {
  return onInvalid(refusalOfTask(...how));
}

/** Refuses a task with all that is wrong with it. */
export function refusalOfTask(
  { config, models }: Pick<Services, 'config' | 'models'>,
  { options, callbackUrlField }: TaskSurface,
) {
  const beside = ['model', 'input', ...Object.keys(options)];
  return refusalWithAll(
    (c, body) => requestErrors(c, config, draftOf(body, callbackUrlField)),
    (fault) => hinted(fault, beside, inputNamesOf(models.known())),
  );
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
function draftOf(body: AnyBody, callbackUrlField: string) {
  const url = body[callbackUrlField];
  return {
    callbackUrl: typeof url === 'string' ? url : null,
    callbackUrlField,
    callbackHeaders: Headers.safeParse(body['callback_headers']).data ?? {},
    timeoutSeconds: Seconds.safeParse(body['timeout_seconds']).data ?? null,
  };
}

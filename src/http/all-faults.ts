import { z } from '@hono/zod-openapi';
import type { Context, Env } from 'hono';
import { invalid } from './problem.ts';
import type { FieldError } from './problem.ts';
import { fieldErrors, MAX_ERRORS } from './validation.ts';

const Obj = z.record(z.string(), z.unknown());

/** A body of which parts may be wrong. */
export type AnyBody = Readonly<Record<string, unknown>>;

/** What the validation of a part of a request found. */
interface Result {
  readonly error?: z.core.$ZodError;
  readonly target: string;
}

type Invalid = Required<Result>;

/** As the hook of a route: for what is invalid alone. */
export function onInvalid<Answer, E extends Env>(
  judge: (invalid: Invalid, c: Context<E>) => Promise<Answer>,
) {
  return ({ error, target }: Result, c: Context<E>): Promise<Answer> | undefined =>
    error === undefined ? undefined : judge({ error, target }, c);
}

/**
 * Refuses a request with all that is wrong with it, so that nobody mends one fault a request.
 *
 * @param others what is at fault beyond the body's own schema: it judges the parts that can be judged although others are wrong.
 * @param worded how a fault is told.
 */
export function refusalWithAll(
  others: (c: Context, body: AnyBody) => FieldError[] | Promise<FieldError[]>,
  worded: (fault: FieldError) => FieldError = (fault) => fault,
) {
  return async ({ error, target }: Invalid, c: Context): Promise<never> => {
    const found = fieldErrors(error);
    const body = target === 'json' ? Obj.safeParse(await c.req.json()).data : undefined;
    if (body === undefined) throw invalid(found);
    const isNew = ({ path }: FieldError) => !found.some((fault) => fault.path === path);
    const more = (await others(c, body)).filter(isNew);
    throw invalid([...found, ...more].slice(0, MAX_ERRORS).map(worded));
  };
}

/** The same as a hook. */
export function refuseWithAll(...how: Parameters<typeof refusalWithAll>) {
  return onInvalid(refusalWithAll(...how));
}

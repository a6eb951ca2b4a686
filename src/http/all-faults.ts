import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { invalid } from './problem.ts';
import type { FieldError } from './problem.ts';
import { fieldErrors, MAX_ERRORS } from './validation.ts';

const Obj = z.record(z.string(), z.unknown());

/** A body of which parts may be wrong. */
export type AnyBody = Readonly<Record<string, unknown>>;

interface Result {
  readonly error?: z.core.$ZodError;
  readonly target: string;
}

/**
 * The hook that refuses a request with all that is wrong with it, so that nobody mends one fault a request.
 *
 * @param others what is at fault beyond the body's own schema: it judges the parts that can be judged although others are wrong.
 * @param worded how a fault is told.
 */
export function refuseWithAll(
  others: (c: Context, body: AnyBody) => FieldError[] | Promise<FieldError[]>,
  worded: (fault: FieldError) => FieldError = (fault) => fault,
) {
  const refuse = async (error: z.core.$ZodError, target: string, c: Context): Promise<never> => {
    const found = fieldErrors(error);
    const body = target === 'json' ? Obj.safeParse(await c.req.json()).data : undefined;
    if (body === undefined) throw invalid(found);
    const isNew = ({ path }: FieldError) => !found.some((fault) => fault.path === path);
    const more = (await others(c, body)).filter(isNew);
    throw invalid([...found, ...more].slice(0, MAX_ERRORS).map(worded));
  };
  return ({ error, target }: Result, c: Context): Promise<never> | undefined =>
    error === undefined ? undefined : refuse(error, target, c);
}

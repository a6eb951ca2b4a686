import type { z } from '@hono/zod-openapi';
import type { FieldError } from './problem.ts';
import { fieldErrors } from './validation.ts';

/** What of a model's definition is not taken. In a schema, a keyword that is none here is told as that. */
export function definitionErrors(error: z.core.$ZodError): FieldError[] {
  return fieldErrors(error).map(({ path, message }) =>
    path.startsWith('input_schema.') && message === 'is not a field of this request'
      ? { path, message: 'is a keyword that is not taken there: see docs/models.md for those that are' }
      : { path, message },
  );
}

import type { Context, MiddlewareHandler } from 'hono';
import { every } from 'hono/combine';
import { bodyOfForm } from '../domain/form-fields.ts';
import type { FormShape } from '../domain/form-fields.ts';
import { refuseEncoded, utf8Body } from './body-text.ts';
import { invalid, ProblemError } from './problem.ts';
import {
  asPlainJson,
  limitedBody,
  MAX_ERRORS,
  mediaTypeOf,
  parseJson,
  pathOf,
  requireJson,
  roundedErrors,
} from './validation.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';
const REMEDY =
  'Send the body as JSON, with the header Content-Type: application/json, or as a form, with Content-Type: application/x-www-form-urlencoded.';

const asJson: MiddlewareHandler = every(requireJson(REMEDY), limitedBody, parseJson);

/** What a form's fields can mean, by what it says its model is. */
type ShapeOf = (c: Context, model: string | null) => Promise<FormShape>;

/**
 * As `jsonBody`, for a route that takes a form too: what that says goes on as the JSON that it stands for, and everything behind
 * it knows of JSON alone.
 */
export function jsonOrFormBody(shapeOf: ShapeOf): MiddlewareHandler {
  const asForm: MiddlewareHandler = every(limitedBody, readForm(shapeOf), parseJson);
  return async (c, next) => {
    if (mediaTypeOf(c) !== FORM_TYPE) return await asJson(c, next);
    refuseEncoded(c);
    return await asForm(c, next);
  };
}

function readForm(shapeOf: ShapeOf) {
  return async (c: Context, next: () => Promise<void>): Promise<void> => {
    const text = await utf8Body(c);
    if (!isUtf8Form(text)) {
      const detail =
        'The form has percent-encoded bytes that are not UTF-8. Encode it as UTF-8, whatever charset its content type names.';
      throw new ProblemError('not-utf-8', detail);
    }
    const form = new URLSearchParams(text);
    const { body, repeated, rounded } = bodyOfForm(form, await shapeOf(c, form.get('model')));
    const faults = [
      ...repeated.slice(0, MAX_ERRORS).map((path) => ({
        path: pathOf([path]),
        message: 'is given more than once, and is no list: send it once',
      })),
      ...roundedErrors(rounded.map((path) => pathOf([path]))),
    ];
    if (faults.length > 0) throw invalid(faults);
    asPlainJson(c, JSON.stringify(body));
    await next();
  };
}

/** A percent sign that begins no code stands for itself, as browsers have it. */
function isUtf8Form(text: string): boolean {
  try {
    decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
    return true;
  } catch {
    return false;
  }
}

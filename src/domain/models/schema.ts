/**
 * The part of JSON Schema that an input is described in: one form for built-in models and for an operator's own. What
 * `definition.ts` takes from outside is exactly this.
 */

/** A value that is no list. */
export interface ScalarSchema {
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
  readonly enum?: readonly (string | number | boolean)[] | undefined;
  /** In characters: an emoji is one. */
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  /** A public http(s) URL. */
  readonly format?: 'uri' | undefined;
  readonly description?: string | undefined;
  /** Shown, never sent: upstream applies it, and a task's input reads back as it was sent. */
  readonly default?: unknown;
}

/** A list of such values. */
export interface ListSchema {
  readonly type: 'array';
  readonly items: ScalarSchema;
  readonly maxItems?: number | undefined;
  readonly description?: string | undefined;
  readonly default?: unknown;
}

export type FieldSchema = ScalarSchema | ListSchema;

/** The input of a model: these fields, and no others unless `additionalProperties` is true. */
export interface InputSchema {
  readonly type?: 'object' | undefined;
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: boolean | undefined;
}

/** What text can be read as: the types of JSON Schema that a form has no spelling for. */
export type InputKind = 'text' | 'number' | 'boolean';

/** What a field of a model's input takes. */
export interface FieldKind {
  /** Of the value, or of each value of a list. */
  readonly kind: InputKind;
  readonly isList: boolean;
}

interface Property {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Property[];
  readonly items?: Property;
}

const KINDS: Readonly<Record<string, InputKind>> = {
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
};

/** The fields of an input, by their names, read from its JSON Schema. */
export function inputKinds(schema: {
  readonly properties?: Readonly<Record<string, unknown>>;
}): ReadonlyMap<string, FieldKind> {
  return new Map(
    Object.entries(schema.properties ?? {}).map(([name, property]) => [name, kindOf(property ?? {})]),
  );
}

/** An optional field is "this, or null", as one of several or as a list of types. */
function kindOf(property: Property): FieldKind {
  const variant = property.anyOf?.find(({ type }) => type !== 'null') ?? property;
  const type = [variant.type ?? []].flat().find((one) => one !== 'null') ?? 'string';
  if (type !== 'array') return { kind: KINDS[type] ?? 'text', isList: false };
  return { kind: kindOf(variant.items ?? {}).kind, isList: true };
}

/** The fields of an input that was given, by what it holds. */
export function kindsOfInput(input: Readonly<Record<string, unknown>>): ReadonlyMap<string, FieldKind> {
  return new Map(
    Object.entries(input).map(([name, value]) => {
      const [first] = [value].flat();
      return [name, { kind: KINDS[typeof first] ?? 'text', isList: Array.isArray(value) }];
    }),
  );
}

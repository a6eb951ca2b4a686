/** The part of JSON Schema that Ringback's OpenAPI document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly description?: string;
}

export type Schemas = Readonly<Record<string, Schema>>;

const REFERENCE = '#/components/schemas/';

/** TypeScript for these schemas and for those that they refer to. Throws where a schema says what is not known here. */
export function typesOf(schemas: Schemas, roots: readonly string[]): string {
  const declared = new Map<string, string>();
  const declare = (name: string): void => {
    if (declared.has(name)) return;
    const schema = schemas[name];
    if (schema === undefined) throw new Error(`The document has no schema ${name}.`);
    declared.set(name, '');
    declared.set(name, `export type ${name} = ${typeOf(schema, { declare, indent: '' })};\n`);
  };
  for (const root of roots) declare(root);
  return [...declared.values()].join('\n');
}

interface Place {
  readonly declare: (name: string) => void;
  readonly indent: string;
}

function typeOf(schema: Schema, place: Place): string {
  const { $ref, type, oneOf, anyOf } = schema;
  if ($ref !== undefined) return referred($ref, place);
  const choices = oneOf ?? anyOf;
  if (choices !== undefined) return choices.map((choice) => typeOf(choice, place)).join(' | ');
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (type === undefined) {
    if (Object.keys(schema).some((word) => word !== 'description')) {
      throw new Error(`This part of JSON Schema is not known here yet: ${JSON.stringify(schema)}`);
    }
    return 'unknown';
  }
  return [type]
    .flat()
    .map((word) => named(word, schema, place))
    .join(' | ');
}

function referred(reference: string, { declare }: Place): string {
  const name = reference.slice(REFERENCE.length);
  declare(name);
  return name;
}

function named(type: string, schema: Schema, place: Place): string {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
    case 'number':
      return type;
    case 'integer':
      return 'number';
    case 'array':
      return `${grouped(typeOf(schema.items ?? {}, place))}[]`;
    case 'object':
      return objectOf(schema, place);
    default:
      throw new Error(`This type of JSON Schema is not known here yet: ${type}`);
  }
}

function objectOf({ properties, required = [], additionalProperties }: Schema, place: Place): string {
  if (properties === undefined) {
    const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties, place) : 'unknown';
    return `{ [name: string]: ${values} }`;
  }
  const indent = `${place.indent}  `;
  const fields = Object.entries(properties).map(([name, schema]) => {
    const about = schema.description === undefined ? '' : `${indent}/** ${schema.description} */\n`;
    const mark = required.includes(name) ? '' : '?';
    return `${about}${indent}${name}${mark}: ${typeOf(schema, { ...place, indent })};\n`;
  });
  return `{\n${fields.join('')}${place.indent}}`;
}

function grouped(type: string): string {
  return /^\w+$/.test(type) ? type : `(${type})`;
}

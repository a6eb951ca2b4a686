import type { Draw } from '../../simulation/draw.ts';
import { schemaAt } from './json-schema.ts';
import type { Document, Operation, Schema } from './json-schema.ts';

const HOOK = 'https://hooks.example.com/42';
/** How often a field that may be left out is there. */
const SHARE_OF_OPTIONAL = 0.6;

/** Something that the schema allows, as far as a schema says it; the document's own example now and then. */
export function sampleOf(document: Document, schema: Schema, draw: Draw): unknown {
  if (schema.$ref !== undefined) return sampleOf(document, schemaAt(document, schema.$ref), draw);
  if (schema.example !== undefined && draw.chance(0.5)) return schema.example;
  if (schema.const !== undefined) return schema.const;
  const [value, ...values] = schema.enum ?? [];
  if (value !== undefined) return draw.pick([value, ...values]);
  const [choice, ...choices] = schema.oneOf ?? schema.anyOf ?? [];
  if (choice !== undefined) return sampleOf(document, draw.pick([choice, ...choices]), draw);
  const [type, ...rest] = [schema.type ?? 'string'].flat();
  return ofType(document, schema, draw, type === undefined ? 'string' : draw.pick([type, ...rest]));
}

function ofType(document: Document, schema: Schema, draw: Draw, type: string): unknown {
  switch (type) {
    case 'object': {
      const { properties = {}, required = [] } = schema;
      const kept = Object.entries(properties).filter(
        ([key]) => required.includes(key) || draw.chance(SHARE_OF_OPTIONAL),
      );
      return Object.fromEntries(kept.map(([key, item]) => [key, sampleOf(document, item, draw)]));
    }
    case 'array':
      return [sampleOf(document, schema.items ?? {}, draw)];
    case 'integer':
    case 'number':
      return draw.between(1, 30);
    case 'boolean':
      return draw.chance(0.5);
    case 'null':
      return null;
    default:
      return draw.pick([HOOK, 'a fox', '2026-11-22T15:00:00Z']);
  }
}

/** A body that the operation would take, or undefined where it takes none. */
export function bodyOf(document: Document, { requestBody }: Operation, draw: Draw): unknown {
  const schema = requestBody?.content['application/json']?.schema;
  return schema === undefined ? undefined : sampleOf(document, schema, draw);
}

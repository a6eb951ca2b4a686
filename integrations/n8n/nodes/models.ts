import type {
  FieldType,
  IDataObject,
  ILoadOptionsFunctions,
  INodePropertyOptions,
  ResourceMapperField,
  ResourceMapperFields,
} from 'n8n-workflow';
import { askRelay } from './request';

interface Schema {
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
}

interface Credits {
  per: string;
  by_resolution?: Record<string, number>;
  flat?: number;
}

interface Model {
  id: string;
  title: string;
  input_schema: Schema;
  credits: Credits | null;
}

const TYPES: Record<string, FieldType> = {
  boolean: 'boolean',
  integer: 'number',
  number: 'number',
  array: 'array',
};

async function modelsOf(context: ILoadOptionsFunctions): Promise<Model[]> {
  return (await askRelay(context, 'GET', '/v1/models')).data as unknown as Model[];
}

/** The models of Ringback, an operator's own too, with what they cost. */
export async function getModels(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  const models = await modelsOf(this);
  return models.map(({ id, title, credits }) => ({ name: title, value: id, description: priceOf(credits) }));
}

function priceOf(credits: Credits | null): string {
  if (credits === null) return 'No price is published';
  if (credits.flat !== undefined) return `${credits.flat} credits a ${credits.per}`;
  const prices = Object.entries(credits.by_resolution ?? {}).map(
    ([resolution, price]) => `${resolution} ${price}`,
  );
  return `Credits a ${credits.per}: ${prices.join(', ')}`;
}

/** The fields of the model that was chosen. */
export async function getModelFields(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
  const chosen = this.getCurrentNodeParameter('model') as string;
  const model = (await modelsOf(this)).find(({ id }) => id === chosen);
  const { properties = {}, required = [] } = model?.input_schema ?? {};
  return {
    fields: Object.entries(properties).map(([id, schema]) => fieldOf(id, schema, required.includes(id))),
  };
}

function fieldOf(id: string, schema: Schema, required: boolean): ResourceMapperField {
  const kind = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
  const type = Array.isArray(kind.type) ? kind.type.find((one) => one !== 'null') : kind.type;
  const choices = kind.enum?.filter((one) => one !== null);
  return {
    id,
    displayName: id.replaceAll('_', ' '),
    required,
    defaultMatch: false,
    display: true,
    type: choices === undefined ? (TYPES[type ?? ''] ?? 'string') : 'options',
    ...(choices === undefined
      ? {}
      : // A number stays one: Ringback takes no text for it.
        { options: choices.map((one) => ({ name: String(one), value: one as string | number | boolean })) }),
  };
}

/** What was entered as the input of a task. What was left empty is not sent; a list may be one address a line. */
export function inputOf(value: IDataObject | null, fields: ResourceMapperField[] = []): IDataObject {
  const lists = new Set(fields.filter(({ type }) => type === 'array').map(({ id }) => id));
  const input: IDataObject = {};
  for (const [name, given] of Object.entries(value ?? {})) {
    if (given === null || given === undefined || given === '') continue;
    input[name] = lists.has(name) && typeof given === 'string' ? listOf(given) : given;
  }
  return input;
}

function listOf(text: string): string[] {
  if (text.trim().startsWith('[')) return JSON.parse(text) as string[];
  return text
    .split(/[\n,]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

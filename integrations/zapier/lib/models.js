import { urlOf } from './api.js';

/** Before the names of a model's fields, so that none of them is taken for one of the step's own. */
const PREFIX = 'input_';
const TYPES = { boolean: 'boolean', integer: 'integer', number: 'number' };

/** The models of Ringback, an operator's own too. */
export async function modelsOf(z, bundle) {
  return (await z.request(urlOf(bundle, '/v1/models'))).data.data;
}

/** The fields of the model that was chosen. */
export async function modelFields(z, bundle) {
  const models = await modelsOf(z, bundle);
  const model = models.find(({ id }) => id === bundle.inputData.model);
  if (model === undefined) return [];
  const { properties = {}, required = [] } = model.input_schema;
  return Object.entries(properties).map(([name, schema]) => field(name, schema, required.includes(name)));
}

function field(name, schema, required) {
  const kind = withoutNull(schema);
  const isList = kind.type === 'array';
  const { type, enum: choices } = isList ? withoutNull(kind.items ?? {}) : kind;
  return {
    key: PREFIX + name,
    label: labelOf(name),
    helpText: schema.description ?? kind.description ?? `What the model takes as ${name}.`,
    type: name === 'prompt' ? 'text' : (TYPES[type] ?? 'string'),
    required,
    ...(isList ? { list: true } : {}),
    ...(choices === undefined ? {} : { choices: choices.filter((choice) => choice !== null).map(String) }),
  };
}

/** A schema that allows null, as the kind of value that it is otherwise. */
function withoutNull(schema) {
  const one = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
  return { ...one, type: Array.isArray(one.type) ? one.type.find((type) => type !== 'null') : one.type };
}

function labelOf(name) {
  const words = name
    .replaceAll('_', ' ')
    .replace(/\burls\b/, 'URLs')
    .replace(/\burl\b/, 'URL');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a task is posted with. What was left empty is not sent. */
export function inputOf(inputData) {
  const given = Object.entries(inputData).filter(
    ([name, value]) => name.startsWith(PREFIX) && value !== '' && value !== null && value !== undefined,
  );
  return Object.fromEntries(given.map(([name, value]) => [name.slice(PREFIX.length), value]));
}

import { nearestName } from '../nearest-name.ts';
import type { Catalog } from './catalog.ts';
import { inputFaults, UNKNOWN_FIELD } from './faults.ts';
import type { InputFault } from './faults.ts';

/** An answer is not to be many times the size of its question. */
const MAX_FAULTS = 100;

/** The names of all fields that any model takes. */
export function inputNamesOf({ models }: Catalog): string[] {
  return [...new Set(models.flatMap(({ input_schema }) => Object.keys(input_schema.properties)))];
}

/** What of an input no model would take: where it is not known which model was meant, the rest is told all the same. */
export function faultsOfAnyModel(catalog: Catalog, input: Readonly<Record<string, unknown>>): InputFault[] {
  const { models } = catalog;
  // What this one takes besides cannot be known.
  if (models.some(({ input_schema }) => input_schema.additionalProperties === true)) return [];
  const names = inputNamesOf(catalog);
  const faults: InputFault[] = [];
  for (const [name, value] of Object.entries(input)) {
    if (faults.length >= MAX_FAULTS) break;
    const takers = models.filter(({ input_schema }) => Object.hasOwn(input_schema.properties, name));
    const found = takers.map((model) =>
      inputFaults(model, { [name]: value }).filter(({ path }) => path[0] === name),
    );
    if (takers.length === 0) faults.push({ path: [name], message: UNKNOWN_FIELD + hintOf(name, names) });
    else if (found.every((one) => one.length > 0)) faults.push(...(found[0] ?? []));
  }
  return faults;
}

/** What a field that nobody knows was probably meant to be; empty where that cannot be told. */
export function hintOf(name: string, names: Iterable<string>): string {
  const meant = nearestName(name, names);
  return meant === null ? '' : `: did you mean ${meant}?`;
}

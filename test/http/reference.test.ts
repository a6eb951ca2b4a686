import { expect, it } from 'vitest';
import reference from '../../docs/api.md?raw';
import { startRelay } from '../support/relay.ts';
import { routesIn } from './answers.ts';
import type { Document } from './json-schema.ts';

/** "The rest as below `/v1`" and "models as data" stand for these. */
const OF_OTHERS = /^\S+ \/admin\/(subscriptions\/|models)/;

async function documentOf(): Promise<Document> {
  return await (await (await startRelay()).request('/openapi.json')).json();
}

it('docs/api.md has every route', async () => {
  const missing = routesIn(await documentOf())
    .filter((route) => !OF_OTHERS.test(route))
    .filter((route) => !reference.includes(route.split(' ')[1] ?? route));
  expect(missing).toEqual([]);
});

it('docs/api.md has every kind of refusal', async () => {
  const { components } = await documentOf();
  const types = (components.schemas['Problem']?.properties?.['type']?.enum ?? []).map(String);
  expect(types.length).toBeGreaterThan(20);
  expect(types.filter((type) => !reference.includes(`\`${type.split(':').at(-1)}\``))).toEqual([]);
});

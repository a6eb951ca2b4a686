import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';

import { NO_DURATIONS, observe, weightOf } from '../../src/domain/durations.ts';
import { forgetUnused } from '../../src/store/retention.ts';
import { createDurationStore } from '../../src/store/durations.ts';

const NOW = Date.UTC(2026, 10, 22, 15);
const store = createDurationStore(env.DB);
const weightsOf = async (...keys: string[]) =>
  Array.from(await store.read(keys), ([key, { durations }]) => [key, Math.round(weightOf(durations))]);

beforeEach(async () => {
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  await env.DB.prepare('delete from durations').run();
});

describe('what was learned of durations', () => {
  it('is read back for the keys that have any', async () => {
    await store.add(new Map([['a', [90_000, 5_000]]]), NOW);
    const read = await store.read(['a', 'b']);
    expect(Array.from(read.keys())).toEqual(['a']);
    const expected = observe(NO_DURATIONS, [90_000, 5_000]);
    read
      .get('a')
      ?.durations.forEach((weight, bucket) => expect(weight).toBeCloseTo(expected[bucket] ?? 0, 2));
  });

  it('grows with each batch, key by key', async () => {
    await store.add(new Map([['a', [90_000]]]), NOW);
    await store.add(
      new Map([
        ['a', [90_000, 90_000]],
        ['b', [5_000]],
      ]),
      NOW,
    );
    expect(await weightsOf('a', 'b')).toEqual([
      ['a', 3],
      ['b', 1],
    ]);
  });

  it('is known since the first of them was seen to end', async () => {
    await store.add(new Map([['a', [90_000]]]), NOW);
    await store.add(new Map([['a', [5_000]]]), NOW + 60_000);
    expect((await store.read(['a'])).get('a')?.since).toBe(NOW);
  });

  it('loses nothing to workers that learn at the same moment', async () => {
    await Promise.all(Array.from({ length: 8 }, () => store.add(new Map([['a', [90_000]]]), NOW)));
    expect(await weightsOf('a')).toEqual([['a', 8]]);
  });

  it('costs one row written for each key', async () => {
    const written: number[] = [];
    const counted = new Proxy(env.DB, {
      get: (db, name) =>
        name === 'prepare' ? (sql: string) => counting(db.prepare(sql), written) : Reflect.get(db, name),
    });
    const add = async () =>
      await createDurationStore(counted).add(
        new Map([
          ['a', [1_000, 2_000]],
          ['b', [3_000]],
        ]),
        NOW,
      );
    await add();
    await add();
    expect(written).toEqual([0, 2, 0, 2]);
  });

  it('starts anew where a row is damaged', async () => {
    await store.add(new Map([['a', [90_000]]]), NOW);
    await env.DB.prepare(`update durations set histogram = '[1,'`).run();
    expect(await weightsOf('a')).toEqual([['a', 0]]);
    await store.add(new Map([['a', [90_000]]]), NOW);
    expect(await weightsOf('a')).toEqual([['a', 1]]);
  });

  it('does without a statement where there is nothing to add', async () => {
    const none = new Proxy(env.DB, {
      get: () => {
        throw new Error('D1 was asked.');
      },
    });
    await expect(createDurationStore(none).add(new Map(), NOW)).resolves.toBeUndefined();
  });

  it('is forgotten where no task was like it for long', async () => {
    await store.add(new Map([['old', [90_000]]]), NOW - 1);
    await store.add(new Map([['new', [90_000]]]), NOW);
    await env.DB.batch([...forgetUnused(env.DB, NOW, NOW)]);
    expect(await weightsOf('old', 'new')).toEqual([['new', 1]]);
  });
});

/** The statement, noting how many rows it writes. */
function counting(statement: D1PreparedStatement, written: number[]): D1PreparedStatement {
  return new Proxy(statement, {
    get: (target, name) => {
      if (name === 'bind') return (...values: unknown[]) => counting(target.bind(...values), written);
      if (name !== 'all') return Reflect.get(target, name);
      return async () => {
        const result = await target.all();
        written.push(result.meta.rows_written);
        return result;
      };
    },
  });
}

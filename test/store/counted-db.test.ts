import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { countedDb } from '../../src/store/counted-db.ts';

it('every way to ask D1 is one request, a batch too, and a statement that is only prepared is none', async () => {
  let requests = 0;
  const db = countedDb(env.DB, () => requests++);
  const one = db.prepare('select ?1 as n').bind(1);
  expect(requests).toBe(0);
  expect(await one.first('n')).toBe(1);
  expect((await one.all()).results).toEqual([{ n: 1 }]);
  expect((await one.run()).results).toEqual([{ n: 1 }]);
  expect(await one.raw()).toEqual([[1]]);
  expect(requests).toBe(4);
  const answers = await db.batch([one, db.prepare('select 2 as n')]);
  expect(answers.map(({ results }) => results)).toEqual([[{ n: 1 }], [{ n: 2 }]]);
  expect(requests).toBe(5);
});

it('a request that fails counts too', async () => {
  let requests = 0;
  const db = countedDb(env.DB, () => requests++);
  await expect(db.prepare('select nothing').run()).rejects.toThrow('syntax error');
  expect(requests).toBe(1);
});

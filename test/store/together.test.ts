import { describe, expect, it } from 'vitest';
import { Together, TogetherError } from '../../src/store/together.ts';

/** Asks that end when they are told to. */
function startTogether({ isLate = false } = {}) {
  const asked: { items: readonly string[]; end: (error?: Error) => void }[] = [];
  const together = new Together<string, string>({
    ask: async (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<null>();
      asked.push({ items, end: (error) => (error === undefined ? resolve(null) : reject(error)) });
      await promise;
      return items.map((item) => `${item}!`);
    },
    keyOf: (item) => (item.startsWith('alike') ? 'alike' : null),
    sleep: async (_, signal) => {
      if (!isLate) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    },
  });
  return { together, asked };
}

const turn = async (): Promise<void> => await new Promise((resolve) => setTimeout(resolve, 0));

describe('requests that come together', () => {
  it('go at once where nothing is under way, and together behind what is', async () => {
    const { together, asked } = startTogether();
    const answers = ['a', 'b', 'c'].map(async (item) => await together.ask(item));
    await turn();
    expect(asked.map(({ items }) => items)).toEqual([['a']]);
    asked[0]?.end();
    await turn();
    expect(asked.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
    asked[1]?.end();
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!']);
  });

  it('do not go together where they change the same', async () => {
    const { together, asked } = startTogether();
    const answers = ['a', 'alike 1', 'b', 'alike 2'].map(async (item) => await together.ask(item));
    for (let round = 0; round < 3; round++) {
      await turn();
      asked[round]?.end();
    }
    expect(await Promise.all(answers)).toHaveLength(4);
    expect(asked.map(({ items }) => items)).toEqual([['a'], ['alike 1', 'b'], ['alike 2']]);
  });

  it('are told apart where they fail: each of those that went together tries again alone, and who was alone has the error', async () => {
    const { together, asked } = startTogether();
    const answers = ['a', 'b', 'c'].map(
      async (item) => await together.ask(item).catch((error: unknown) => error),
    );
    await turn();
    asked[0]?.end(new Error('of a'));
    await turn();
    asked[1]?.end(new Error('of both'));
    const [alone, ...both] = await Promise.all(answers);
    expect(alone).toEqual(new Error('of a'));
    for (const error of both) expect(error).toBeInstanceOf(TogetherError);
  });

  it('do not wait for long for one that does not come to an end', async () => {
    const { together, asked } = startTogether({ isLate: true });
    void together.ask('hangs');
    await turn();
    await expect(together.ask('b')).rejects.toBeInstanceOf(TogetherError);
    const next = together.ask('c');
    await turn();
    asked[1]?.end();
    expect(await next).toBe('c!');
  });
});

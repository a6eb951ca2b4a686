import { describe, expect, it } from 'vitest';
import { Held } from '../../src/engine/held.ts';
import { running, queued, T0 } from '../domain/sample-task.ts';

const CLAIMED_MS = 20_000;

describe('polls of a key whose rate upstream limits', () => {
  it('go once a second for as long as there are tasks, whose claims end after twenty', () => {
    const held = new Held();
    held.pace('operator', 1_000);
    const dueAt = new Map(Array.from({ length: 200 }, (_, row) => [`task_${row}`, T0]));
    const polledAt: number[] = [];
    for (let now = T0; now < T0 + 55_000; now += 100) {
      held.dropExpired(now);
      for (const [id, at] of dueAt) {
        if (at > now || held.has(id)) continue;
        dueAt.set(id, now + CLAIMED_MS);
        held.add({ task: running({ id, dueAt: now + CLAIMED_MS }), act: 'poll', at });
      }
      while (held.take(now, () => true) !== null) polledAt.push(now);
    }
    expect(polledAt).toHaveLength(55);
    expect(polledAt.at(-1)).toBeGreaterThanOrEqual(T0 + 54_000);
  });
});

describe('what is held', () => {
  it('goes past a turn that may not start yet', () => {
    const held = new Held();
    const dueAt = T0 + CLAIMED_MS;
    held.add({ task: queued(1, { id: 'submit', dueAt }), act: 'submit', at: T0 });
    held.add({ task: running({ id: 'poll', dueAt }), act: 'poll', at: T0 + 1 });
    const maySubmit = (may: boolean) => held.take(T0 + 1, ({ act }) => act === 'poll' || may)?.task.id;
    expect([maySubmit(false), maySubmit(false), maySubmit(true)]).toEqual(['poll', undefined, 'submit']);
  });
});

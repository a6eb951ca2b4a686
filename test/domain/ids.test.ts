import { describe, expect, it } from 'vitest';

import { clientId, firstTaskIdAt, taskId, webhookId } from '../../src/domain/ids.ts';

const T0 = Date.UTC(2026, 10, 22, 15);
const bytes = (value: number) => new Uint8Array(16).fill(value);

describe('a task id', () => {
  it('says what it is, and carries time and randomness', () => {
    expect(taskId(T0, bytes(0))).toBe(`task_${timeOf(T0)}${'0'.repeat(16)}`);
    expect(taskId(T0, bytes(255))).toMatch(/^task_[0-9a-hjkmnp-tv-z]{10}z{16}$/);
    expect(clientId(T0, bytes(7))).toMatch(/^client_[0-9a-hjkmnp-tv-z]{10}7{16}$/);
  });

  it('is written as the ULID specification has it', () => {
    // The example of the specification: 01ARZ3NDEKTSV4RRFFQ69G5FAV was made at this instant.
    expect(taskId(1_469_922_850_259, bytes(0))).toBe('task_01arz3ndek0000000000000000');
  });

  it('sorts by time, and no id of a day sorts before the first of that day', () => {
    const instants = [0, 1, 31, 32, T0 - 1, T0, T0 + 1, T0 + 86_400_000, 281_474_976_710_655];
    const ids = instants.map((instant) => taskId(instant, bytes(255 - (instant % 200))));
    expect(ids.toSorted()).toEqual(ids);
    expect(taskId(T0, bytes(0)) > firstTaskIdAt(T0)).toBe(true);
    expect(taskId(T0 - 1, bytes(255)) < firstTaskIdAt(T0)).toBe(true);
  });

  it('takes 80 random bits or none', () => {
    expect(() => taskId(T0, new Uint8Array(15))).toThrow('16 random bytes');
  });
});

it("a callback's id follows from its task's, so that it is the same in every attempt", () => {
  expect(webhookId('task_01arz3ndek0000000000000000')).toBe('msg_01arz3ndek0000000000000000');
});

/** The ten characters of time, read back by another way than they are written. */
function timeOf(epochMs: number): string {
  const digits = '0123456789abcdefghjkmnpqrstvwxyz';
  const bits = epochMs.toString(2).padStart(50, '0');
  return (bits.match(/.{5}/g) ?? []).map((five) => digits[Number.parseInt(five, 2)]).join('');
}

import { describe, expect, it } from 'vitest';
import { afterAttempt, standingOf, UNKNOWN_RECEIVER } from '../../../src/domain/receivers/health.ts';
import type { ReceiverHealth } from '../../../src/domain/receivers/health.ts';

const NOW = 1_000_000;
const ANSWER = { answered: true, tookMs: 200 };
const SLOW_ANSWER = { answered: true, tookMs: 3_000 };
const SILENCE = { answered: false, tookMs: 15_000 };

/** The health after silent attempts at these instants. */
function silentAt(health: ReceiverHealth, ...instants: number[]): ReceiverHealth {
  return instants.reduce((before, at) => afterAttempt(before, SILENCE, at), health);
}

const proven = afterAttempt(UNKNOWN_RECEIVER, ANSWER, NOW);

describe('a host that answers', () => {
  it('is proven from its first answer on', () => {
    expect(standingOf(UNKNOWN_RECEIVER, NOW)).toBe('unknown');
    expect(standingOf(proven, NOW)).toBe('proven');
  });

  it('is written down every five minutes, not with every answer', () => {
    expect(afterAttempt(proven, ANSWER, NOW + 299_999)).toBe(proven);
    expect(afterAttempt(proven, ANSWER, NOW + 300_000)).toMatchObject({ answeredAt: NOW + 300_000 });
  });

  it('is forgiven two silences in a row while its last answer is fresh', () => {
    expect(standingOf(silentAt(proven, NOW, NOW), NOW)).toBe('proven');
    expect(standingOf(silentAt(proven, NOW), NOW + 600_000)).toBe('silent');
    expect(standingOf(silentAt(UNKNOWN_RECEIVER, NOW), NOW)).toBe('silent');
  });

  it('is slow while its last answer took three seconds or more, and that is written down', () => {
    const slow = afterAttempt(proven, SLOW_ANSWER, NOW + 1);
    expect(standingOf(slow, NOW + 1)).toBe('slow');
    expect(standingOf(afterAttempt(slow, ANSWER, NOW + 2), NOW + 2)).toBe('proven');
  });

  it('loses its standing with the third silence in a row, and has it back with the next answer', () => {
    const silent = silentAt(proven, NOW, NOW, NOW);
    expect(standingOf(silent, NOW)).toBe('silent');
    expect(standingOf(afterAttempt(silent, ANSWER, NOW + 2), NOW)).toBe('proven');
  });
});

describe('a host that answers after a silence', () => {
  it('has recovered then, so that whoever waited for it is tried', () => {
    const back = afterAttempt(silentAt(proven, NOW + 1), ANSWER, NOW + 2);
    expect(back).toMatchObject({ recoveredAt: NOW + 2, silences: 0, silentSince: null });
  });

  it('stays so while it goes on to answer, and recovers anew after the next silence', () => {
    const back = afterAttempt(silentAt(proven, NOW + 1), ANSWER, NOW + 2);
    expect(afterAttempt(back, ANSWER, NOW + 400_000).recoveredAt).toBe(NOW + 2);
    expect(afterAttempt(silentAt(back, NOW + 3), ANSWER, NOW + 4).recoveredAt).toBe(NOW + 4);
  });

  it('has recovered from nothing where it never was silent', () => {
    expect(proven.recoveredAt).toBeNull();
    expect(afterAttempt(proven, ANSWER, NOW + 400_000).recoveredAt).toBeNull();
  });
});

it('each sight that is written down says when it was seen, so that the newest of two is known', () => {
  const sights = [ANSWER, SLOW_ANSWER, SILENCE, ANSWER];
  let health = UNKNOWN_RECEIVER;
  for (const [i, sight] of sights.entries()) {
    const next = afterAttempt(health, sight, NOW + i);
    expect(next).not.toBe(health);
    expect(next.observedAt).toBe(NOW + i);
    health = next;
  }
});

function ten(from: number, step: number): number[] {
  return Array.from({ length: 10 }, (_, i) => from + i * step);
}

describe('the breaker of a host', () => {
  it('stays closed while the silence is short, however many attempts meet it', () => {
    expect(silentAt(UNKNOWN_RECEIVER, ...ten(NOW, 100), ...ten(NOW + 2_000, 100)).openUntil).toBeNull();
  });

  it('stays closed while few attempts met silence, however long', () => {
    expect(silentAt(UNKNOWN_RECEIVER, NOW, NOW + 600_000).openUntil).toBeNull();
  });

  it('opens after ten silent attempts over half a minute, for ten seconds at first', () => {
    const dead = silentAt(UNKNOWN_RECEIVER, ...ten(NOW, 4_000));
    expect(dead).toMatchObject({ silences: 10, openUntil: NOW + 36_000 + 10_000, openings: 1 });
  });

  it('opens for longer with every probe that meets silence, up to five minutes', () => {
    let health = silentAt(UNKNOWN_RECEIVER, ...ten(NOW, 4_000));
    const openings: number[] = [];
    for (let i = 0; i < 7; i++) {
      const at = health.openUntil ?? 0;
      health = afterAttempt(health, SILENCE, at);
      openings.push(((health.openUntil ?? 0) - at) / 1_000);
    }
    expect(openings).toEqual([20, 40, 80, 160, 300, 300, 300]);
  });

  it('closes with one answer', () => {
    const dead = silentAt(UNKNOWN_RECEIVER, ...ten(NOW, 4_000));
    const at = NOW + 60_000;
    expect(afterAttempt(dead, ANSWER, at)).toEqual({
      ...UNKNOWN_RECEIVER,
      answeredAt: at,
      recoveredAt: at,
      observedAt: at,
    });
  });
});

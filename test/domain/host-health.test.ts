import { describe, expect, it } from 'vitest';
import {
  afterAttempt,
  inFlightLimit,
  parkedUntil,
  standingOf,
  UNKNOWN_HOST,
} from '../../src/domain/host-health.ts';
import type { HostHealth } from '../../src/domain/host-health.ts';

const NOW = 1_000_000;
const ANSWER = { answered: true, tookMs: 200 };
const SLOW_ANSWER = { answered: true, tookMs: 3_000 };
const SILENCE = { answered: false, tookMs: 15_000 };

/** The health after silent attempts at these instants. */
function silentAt(health: HostHealth, ...instants: number[]): HostHealth {
  return instants.reduce((before, at) => afterAttempt(before, SILENCE, at), health);
}

describe('a host that answers', () => {
  const proven = afterAttempt(UNKNOWN_HOST, ANSWER, NOW);

  it('is proven from its first answer on, and gets more room', () => {
    expect(standingOf(UNKNOWN_HOST, NOW)).toBe('unknown');
    expect(standingOf(proven, NOW)).toBe('proven');
    expect(inFlightLimit(proven, NOW)).toBeGreaterThan(inFlightLimit(UNKNOWN_HOST, NOW));
  });

  it('is written down every five minutes, not with every answer', () => {
    expect(afterAttempt(proven, ANSWER, NOW + 299_999)).toBe(proven);
    expect(afterAttempt(proven, ANSWER, NOW + 300_000)).toMatchObject({ answeredAt: NOW + 300_000 });
  });

  it('is forgiven two silences in a row while its last answer is fresh', () => {
    expect(standingOf(silentAt(proven, NOW, NOW), NOW)).toBe('proven');
    expect(standingOf(silentAt(proven, NOW), NOW + 600_000)).toBe('silent');
    expect(standingOf(silentAt(UNKNOWN_HOST, NOW), NOW)).toBe('silent');
  });

  it('is slow while its last answer took three seconds or more, and that is written down', () => {
    const slow = afterAttempt(proven, SLOW_ANSWER, NOW + 1);
    expect(standingOf(slow, NOW + 1)).toBe('slow');
    expect(inFlightLimit(slow, NOW + 1)).toBe(1);
    expect(standingOf(afterAttempt(slow, ANSWER, NOW + 2), NOW + 2)).toBe('proven');
  });

  it('loses its room with the third silence in a row, and has it back with the next answer', () => {
    const silent = silentAt(proven, NOW, NOW, NOW);
    expect(standingOf(silent, NOW)).toBe('silent');
    expect(inFlightLimit(silent, NOW)).toBe(1);
    expect(standingOf(afterAttempt(silent, ANSWER, NOW + 2), NOW)).toBe('proven');
  });
});

function ten(from: number, step: number): number[] {
  return Array.from({ length: 10 }, (_, i) => from + i * step);
}

describe('the breaker of a host', () => {
  it('stays closed while the silence is short, however many attempts meet it', () => {
    expect(silentAt(UNKNOWN_HOST, ...ten(NOW, 100), ...ten(NOW + 2_000, 100)).openUntil).toBeNull();
  });

  it('stays closed while few attempts met silence, however long', () => {
    expect(silentAt(UNKNOWN_HOST, NOW, NOW + 600_000).openUntil).toBeNull();
  });

  it('opens after ten silent attempts over half a minute, for ten seconds at first', () => {
    const dead = silentAt(UNKNOWN_HOST, ...ten(NOW, 4_000));
    expect(dead).toMatchObject({ silences: 10, openUntil: NOW + 36_000 + 10_000, openings: 1 });
  });

  it('opens for longer with every probe that meets silence, up to five minutes', () => {
    let health = silentAt(UNKNOWN_HOST, ...ten(NOW, 4_000));
    const openings: number[] = [];
    for (let i = 0; i < 7; i++) {
      const at = health.openUntil ?? 0;
      health = afterAttempt(health, SILENCE, at);
      openings.push(((health.openUntil ?? 0) - at) / 1_000);
    }
    expect(openings).toEqual([20, 40, 80, 160, 300, 300, 300]);
  });

  it('closes with one answer', () => {
    const dead = silentAt(UNKNOWN_HOST, ...ten(NOW, 4_000));
    expect(afterAttempt(dead, ANSWER, NOW + 60_000)).toEqual({ ...UNKNOWN_HOST, answeredAt: NOW + 60_000 });
  });
});

describe('callbacks that stand aside for a dead host', () => {
  it.each([
    ['ten minutes at the least', 40_000, 600_000],
    ['as long as it has been silent', 7_200_000, 7_200_000],
    ['a day at the most', 10 * 86_400_000, 86_400_000],
  ])('come due by themselves after %s', (_what, silentMs, waitMs) => {
    const health = { ...UNKNOWN_HOST, silences: 10, silentSince: NOW - silentMs };
    expect(parkedUntil(health, NOW)).toBe(NOW + waitMs);
  });
});

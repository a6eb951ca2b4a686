import { describe, expect, it } from 'vitest';

import { durationKeys, durationOf } from '../../src/domain/duration-key.ts';
import type { UpstreamEnd } from '../../src/domain/upstream.ts';

const model = 'seedance-2.0-text-to-video';

const ended = (costTimeMs: number | null, completedAt: number | null): UpstreamEnd => ({
  state: 'succeeded',
  resultJson: null,
  costTimeMs,
  completedAt,
});

describe('tasks are alike', () => {
  it.each([
    [{ resolution: '720p', duration: 5 }, '720p 5s'],
    [{ resolution: '720p', duration: 4.2 }, '720p 5s'],
    [{ resolution: '720p', duration: 0.001 }, '720p 1s'],
    [{ resolution: '720p', duration: 61 }, '720p 60s'],
    [{ resolution: '720p', duration: 1e300 }, '720p 60s'],
    [{ resolution: '1K' }, '1K -'],
    [{ resolution: null, duration: null }, '- -'],
    [{ duration: -1 }, '- -'],
  ])('by their model, and by what %j says', (input, like) => {
    expect(durationKeys({ model, input })).toEqual([model, `${model} ${like}`]);
  });
});

describe('how long a task took', () => {
  const SUBMITTED = Date.UTC(2026, 10, 22, 15);
  const failed: UpstreamEnd = {
    state: 'failed',
    failCode: '400',
    failMessage: null,
    costTimeMs: null,
    completedAt: SUBMITTED + 2_000,
  };

  it.each([
    ['is from its submission to its completion', ended(80_000, SUBMITTED + 90_000), 90_000],
    ['is what upstream says it cost, where no completion is told', ended(80_000, null), 80_000],
    ['is not known where the cost is told in seconds', ended(80, null), null],
    ['is not known where upstream says nothing', ended(null, null), null],
    ['is not known where the clocks disagree', ended(null, SUBMITTED - 1), null],
    ['counts where it failed too', failed, 2_000],
  ])('%s', (_, end, ms) => {
    expect(durationOf(end, SUBMITTED)).toBe(ms);
  });
});

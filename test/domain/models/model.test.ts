import { describe, expect, it } from 'vitest';

import { BUILTIN_CATALOG } from '../../../src/domain/models/catalog.ts';
import { estimateCredits, withoutNulls } from '../../../src/domain/models/model.ts';

function creditsOf(id: string, input: Record<string, unknown>): number | null {
  const model = BUILTIN_CATALOG.find(id);
  if (model === undefined) throw new Error(`no model ${id}`);
  return estimateCredits(model, input);
}

describe('what a task will cost', () => {
  it.each([
    ['seedance-2.0-reference-to-video', { '480p': 40, '720p': 80, '1080p': 160 }],
    ['seedance-2.0-text-to-video', { '480p': 20, '720p': 40, '1080p': 80 }],
    ['seedance-2.0-image-to-video', { '480p': 20, '720p': 40, '1080p': 80 }],
    ['seedance-2.0-fast-image-to-video', { '480p': 10, '720p': 20, '1080p': 40 }],
  ])('%s is charged by the second: %o', (id, prices) => {
    for (const [resolution, credits] of Object.entries(prices)) {
      expect(creditsOf(id, { resolution, duration: 1 })).toBe(credits);
      expect(creditsOf(id, { resolution, duration: 5 })).toBe(credits * 5);
      expect(creditsOf(id, { resolution })).toBeNull();
    }
  });

  it.each(['gpt-image-2-text-to-image', 'gpt-image-2-image-to-image'])('%s is charged by the image', (id) => {
    expect(creditsOf(id, { resolution: '1K' })).toBe(3);
    expect(creditsOf(id, { resolution: '2K' })).toBe(5);
    expect(creditsOf(id, { resolution: '4K' })).toBe(8);
  });

  const video = 'seedance-2.0-reference-to-video';
  it.each([
    ['no duration', video, { resolution: '720p' }],
    ['null for the duration', video, { resolution: '720p', duration: null }],
    ['no resolution', video, { duration: 5 }],
    ['null for the resolution', video, { resolution: null, duration: 5 }],
    ['a resolution that has no price', video, { resolution: '8K', duration: 5 }],
    ["a resolution that is a word of JavaScript's", video, { resolution: 'constructor', duration: 5 }],
    ['an image without resolution', 'gpt-image-2-text-to-image', { prompt: 'x' }],
    [
      'a model without a published price',
      'seedance-2.0-fast-text-to-video',
      { resolution: '720p', duration: 5 },
    ],
  ])('is not known with %s', (_, id, input) => {
    expect(creditsOf(id, input)).toBeNull();
  });

  it.each([
    // 40 × 1.1 is 44.00000000000001 and 160 × 1.005 is 160.79999999999998 in floating point.
    ['480p', 1.1, 44],
    ['1080p', 1.005, 161],
    ['480p', 2.2, 88],
    ['480p', 0.01, 1],
    ['480p', 1e-9, 1],
    ['720p', 4.5, 360],
    ['720p', 4.51, 361],
    ['1080p', 1e308, Number.MAX_SAFE_INTEGER],
  ])('is whole credits, rounded up: %s for %d s is %d', (resolution, duration, credits) => {
    expect(creditsOf(video, { resolution, duration })).toBe(credits);
  });
});

describe('an input without nulls', () => {
  it('is a copy without what was not given, and with everything that was', () => {
    const input = {
      prompt: '',
      duration: 0,
      web_search: false,
      ratio: null,
      resolution: undefined,
      urls: [null],
    };
    expect(withoutNulls(input)).toEqual({ prompt: '', duration: 0, web_search: false, urls: [null] });
    expect(Object.keys(withoutNulls(input))).toEqual(['prompt', 'duration', 'web_search', 'urls']);
    expect(input.ratio).toBeNull();
  });
});

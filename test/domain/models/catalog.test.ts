import { describe, expect, it } from 'vitest';

import { publishedSchema } from '../../../src/domain/models/bounds.ts';
import { BUILTIN_CATALOG, modelIdsOf } from '../../../src/domain/models/catalog.ts';
import { inputFaults } from '../../../src/domain/models/faults.ts';
import type { Model } from '../../../src/domain/models/model.ts';

const url = 'https://cdn.example.com/a.png';
const video = {
  aspect_ratio: '16:9',
  ratio: '9:16',
  resolution: '720p',
  duration: 5,
  generate_audio: true,
  web_search: false,
  nsfw_checker: true,
};
const image = { aspect_ratio: 'auto', resolution: '2K' };
const references = {
  prompt: 'a cat',
  reference_image_urls: [url],
  reference_video_urls: [url],
  reference_audio_urls: [url],
};

/** Every field of every model, and those of them that must be there. */
const documented = [
  { id: 'seedance-2.0-reference-to-video', required: {}, optional: { ...references, ...video } },
  { id: 'seedance-2.0-text-to-video', required: { prompt: 'a cat' }, optional: video },
  { id: 'seedance-2.0-image-to-video', required: { prompt: 'a cat', image_urls: [url] }, optional: video },
  { id: 'seedance-2.0-fast-text-to-video', required: { prompt: 'a cat' }, optional: video },
  {
    id: 'seedance-2.0-fast-image-to-video',
    required: { prompt: 'a cat', image_urls: [url] },
    optional: video,
  },
  { id: 'gpt-image-2-text-to-image', required: { prompt: 'a cat' }, optional: image },
  { id: 'gpt-image-2-image-to-image', required: { prompt: 'a cat', image_urls: [url] }, optional: image },
];

function model(id: string): Model {
  const found = BUILTIN_CATALOG.find(id);
  if (found === undefined) throw new Error(`no model ${id}`);
  return found;
}

/** `path: message` of every complaint. */
function complaints(id: string, input: Record<string, unknown>): string[] {
  return inputFaults(model(id), input).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the catalog', () => {
  it('holds the documented model first, and its sisters', () => {
    expect(modelIdsOf(BUILTIN_CATALOG)).toEqual(documented.map(({ id }) => id));
  });

  it.each(['Seedance-2.0-text-to-video', 'toString', ''])('knows no model %o', (id) => {
    expect(BUILTIN_CATALOG.find(id)).toBeUndefined();
  });
});

describe.each(documented)('the input of $id', ({ id, required, optional }) => {
  const full = { ...required, ...optional };

  it('takes every documented field, and the required ones alone', () => {
    expect(complaints(id, full)).toEqual([]);
    expect(complaints(id, required)).toEqual([]);
  });

  it('takes null for every optional field', () => {
    const nulls = Object.fromEntries(Object.keys(optional).map((key) => [key, null]));
    expect(complaints(id, { ...required, ...nulls })).toEqual([]);
  });

  it('has no other field', () => {
    expect(Object.keys(model(id).input_schema.properties).toSorted()).toEqual(Object.keys(full).toSorted());
    expect(complaints(id, { ...full, durations: 5 })).toEqual([
      // Only where a field of the model is near is one suggested.
      `durations: is not a field of this request${'duration' in full ? ': did you mean duration?' : ''}`,
    ]);
  });

  it('takes neither null nor absence for a required field', () => {
    for (const key of Object.keys(required)) {
      const says = [expect.stringMatching(`^${key}: is required and must be `)];
      expect(complaints(id, { ...full, [key]: null })).toEqual(says);
      expect(complaints(id, { ...full, [key]: undefined })).toEqual(says);
    }
  });

  it('is a JSON Schema that describes every field, refuses others, and shows the defaults', () => {
    const schema = publishedSchema(model(id));
    expect(schema['additionalProperties']).toBe(false);
    expect(schema['required'] ?? []).toEqual(Object.keys(required));
    const properties = Object.entries(schema['properties'] ?? {});
    for (const [, property] of properties) {
      expect(property).toMatchObject({ description: expect.stringMatching(/\.$/) });
    }
    const flags = ['generate_audio', 'web_search', 'nsfw_checker'].filter((name) => name in optional);
    const defaults = properties.filter(([, property]) => 'default' in Object(property));
    expect(defaults.map(([name]) => name)).toEqual(flags);
    for (const [, property] of defaults) expect(property).toHaveProperty('default', false);
  });
});

describe('the rules of the documented model', () => {
  const id = 'seedance-2.0-reference-to-video';

  it.each([
    ['an empty prompt', { prompt: '' }],
    ['a prompt of 20,000 characters', { prompt: 'x'.repeat(20_000) }],
    ['20,000 characters that each take two code units', { prompt: '🐈'.repeat(20_000) }],
    ['no references', { reference_image_urls: [] }],
    ['many references', { reference_image_urls: Array.from({ length: 20 }, () => url) }],
    ['an http URL', { reference_video_urls: ['http://example.com/a.mp4'] }],
    ['a signed URL', { reference_audio_urls: ['https://s3.example.com/a.mp3?X-Amz-Signature=ab%2Fc&e=1'] }],
    ['a URL of 2,048 characters', { reference_image_urls: [`https://e.com/${'x'.repeat(2_034)}`] }],
    ['a ratio that is not in the list of common ones', { ratio: '21:9' }],
    ['a fraction of a second', { duration: 0.5 }],
    ['a long duration', { duration: 3_600 }],
  ])('allow %s', (_, input) => {
    expect(complaints(id, input)).toEqual([]);
  });

  const notHttp = 'must be a public URL that starts with http:// or https://';
  it.each([
    [{ duration: 0 }, 'duration: must be above 0'],
    [{ duration: 3_600.1 }, 'duration: must be at most 3,600 seconds'],
    [{ duration: 1e300 }, 'duration: must be at most 3,600 seconds'],
    [
      { reference_video_urls: Array.from({ length: 21 }, () => url) },
      'reference_video_urls: must have at most 20 URLs',
    ],
    [{ duration: -5 }, 'duration: must be above 0'],
    [{ duration: '5' }, 'duration: must be a number of seconds'],
    [{ duration: Number.POSITIVE_INFINITY }, 'duration: must be a number of seconds'],
    [{ duration: Number.NaN }, 'duration: must be a number of seconds'],
    [{ resolution: '4K' }, 'resolution: must be one of 480p, 720p, 1080p'],
    [{ resolution: '720P' }, 'resolution: must be one of 480p, 720p, 1080p'],
    [{ resolution: 720 }, 'resolution: must be one of 480p, 720p, 1080p'],
    [{ prompt: 5 }, 'prompt: must be text'],
    [{ prompt: 'x'.repeat(20_001) }, 'prompt: must be at most 20,000 characters'],
    [{ ratio: '' }, 'ratio: must not be empty; leave it out for the default'],
    [{ aspect_ratio: 'x'.repeat(33) }, 'aspect_ratio: must be a ratio such as 16:9, at most 32 characters'],
    [{ aspect_ratio: 1.5 }, 'aspect_ratio: must be text'],
    [{ generate_audio: 'true' }, 'generate_audio: must be true or false'],
    [{ web_search: 1 }, 'web_search: must be true or false'],
    [{ reference_image_urls: url }, 'reference_image_urls: must be a list of URLs'],
    [{ reference_image_urls: [url, null] }, 'reference_image_urls.1: is required and must be text'],
    [{ reference_image_urls: [''] }, `reference_image_urls.0: ${notHttp}`],
    [{ reference_image_urls: ['example.com/a.png'] }, `reference_image_urls.0: ${notHttp}`],
    [{ reference_image_urls: ['https:example.com'] }, `reference_image_urls.0: ${notHttp}`],
    [{ reference_image_urls: ['https://'] }, `reference_image_urls.0: ${notHttp}`],
    [{ reference_image_urls: [`${url}\n`] }, `reference_image_urls.0: ${notHttp}`],
    [{ reference_video_urls: [url, 'ftp://example.com/a'] }, `reference_video_urls.1: ${notHttp}`],
    [{ reference_audio_urls: ['data:audio/mp3;base64,AA'] }, `reference_audio_urls.0: ${notHttp}`],
    [
      { reference_image_urls: [`https://e.com/${'x'.repeat(2_035)}`] },
      'reference_image_urls.0: must be a URL of at most 2,048 characters',
    ],
  ])('refuse %o', (input, complaint) => {
    expect(complaints(id, input)).toEqual([complaint]);
  });

  it('name every unknown field', () => {
    expect(complaints(id, { seed: 1, Prompt: 'x' })).toEqual([
      'seed: is not a field of this request',
      'Prompt: is not a field of this request: did you mean prompt?',
    ]);
    expect(complaints(id, JSON.parse('{"__proto__": 1}'))).toEqual([
      '__proto__: is not a field of this request',
    ]);
    expect(complaints(id, { seed: null })).toEqual(['seed: is not a field of this request']);
  });

  it('say that ratio wins over aspect_ratio', () => {
    expect(model(id).input_schema.properties['ratio']).toHaveProperty(
      'description',
      expect.stringContaining('Wins over'),
    );
    expect(model(id).input_schema.properties['aspect_ratio']).toHaveProperty(
      'description',
      expect.stringContaining('`ratio` wins'),
    );
  });
});

describe('the rules of the sisters', () => {
  it.each([
    ['seedance-2.0-text-to-video', { prompt: '' }, 'prompt: must not be empty'],
    [
      'gpt-image-2-text-to-image',
      { prompt: 'x'.repeat(20_001) },
      'prompt: must be at most 20,000 characters',
    ],
    [
      'gpt-image-2-text-to-image',
      { prompt: 'x', resolution: '720p' },
      'resolution: must be one of 1K, 2K, 4K',
    ],
    ['gpt-image-2-image-to-image', { prompt: 'x', image_urls: [] }, 'image_urls: must have at least one URL'],
    [
      'seedance-2.0-image-to-video',
      { prompt: 'x', image_urls: Array.from({ length: 21 }, () => url) },
      'image_urls: must have at most 20 URLs',
    ],
  ])('%s refuses %o', (id, input, complaint) => {
    expect(complaints(id, input)).toEqual([complaint]);
  });
});

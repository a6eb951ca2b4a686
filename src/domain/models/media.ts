/** What a model makes. */
export type Media = 'video' | 'image';

/**
 * What each model makes, by its id. Apart from what it takes: who tells of an end needs no more than this, and a cron run has no
 * time to make the schemas of inputs.
 */
const MEDIA = {
  'seedance-2.0-reference-to-video': 'video',
  'seedance-2.0-text-to-video': 'video',
  'seedance-2.0-image-to-video': 'video',
  'seedance-2.0-fast-text-to-video': 'video',
  'seedance-2.0-fast-image-to-video': 'video',
  'gpt-image-2-text-to-image': 'image',
  'gpt-image-2-image-to-image': 'image',
} as const satisfies Record<string, Media>;

export type ModelId = keyof typeof MEDIA;

const byId: ReadonlyMap<string, Media> = new Map(Object.entries(MEDIA));

/** What a model makes; null for a model that is not in the catalog (any more). */
export function mediaOf(modelId: string): Media | null {
  return byId.get(modelId) ?? null;
}

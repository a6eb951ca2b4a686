import type { FieldSchema } from './schema.ts';

/** The fields that the upstream models share, each with the rule that upstream documents. */

const PROMPT = {
  type: 'string',
  description: 'What to make, in words. At most 20,000 characters.',
  maxLength: 20_000,
} as const satisfies FieldSchema;

/** A prompt that has to be there and say something. */
export const requiredPrompt = { ...PROMPT, minLength: 1 } as const satisfies FieldSchema;

/** A prompt that may be left out, where references can say it all. */
export const optionalPrompt = PROMPT;

/** At least one image, the first of which is the main one. */
export const imageUrls = urls(
  'Public http(s) URLs of the images to start from. The first one is the main image.',
);

/** Any number of public URLs, or none; `purpose` completes "Public http(s) URLs of …". */
export function referenceUrls(purpose: string): FieldSchema {
  return urls(`Public http(s) URLs of ${purpose}.`);
}

/** What every video model takes besides its prompt and its references. */
export const videoFields = {
  aspect_ratio: ratio(
    'Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. A convenience: where `ratio` is given too, `ratio` wins.',
  ),
  ratio: ratio('Shape of the video, such as 16:9, 9:16, 1:1 or 3:4. Wins over `aspect_ratio`.'),
  resolution: {
    type: 'string',
    enum: ['480p', '720p', '1080p'],
    description: 'Resolution of the video. The price depends on it.',
  },
  duration: {
    type: 'number',
    description: 'Length of the video in seconds, above 0 and at most 3,600. The price depends on it.',
  },
  generate_audio: flag('Whether the video gets a soundtrack.'),
  web_search: flag('Whether the model may look things up on the web.'),
  nsfw_checker: flag("Whether the platform's content filter is on. False turns it off."),
} as const satisfies Record<string, FieldSchema>;

/** What every image model takes besides its prompt and its source images. */
export const imageFields = {
  aspect_ratio: ratio('Shape of the image, such as auto, 1:1 or 16:9.'),
  resolution: {
    type: 'string',
    enum: ['1K', '2K', '4K'],
    description: 'Resolution of the image. The price depends on it.',
  },
} as const satisfies Record<string, FieldSchema>;

function urls(description: string) {
  return { type: 'array', items: { type: 'string', format: 'uri' }, description } as const;
}

/** Upstream lists only the common ratios, so whatever could be one passes and upstream judges it. */
function ratio(description: string) {
  return { type: 'string', minLength: 1, maxLength: 32, description } as const;
}

function flag(description: string) {
  return { type: 'boolean', description, default: false } as const;
}

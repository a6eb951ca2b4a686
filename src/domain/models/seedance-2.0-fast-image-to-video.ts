import { imageUrls, requiredPrompt, videoFields } from './fields.ts';
import type { Model } from './model.ts';

/** The fast sister of image to video, at half its price. */
export const seedance20FastImageToVideo = {
  id: 'seedance-2.0-fast-image-to-video',
  title: 'Seedance 2.0 Fast, image to video',
  media: 'video',
  input_schema: {
    type: 'object',
    properties: { prompt: requiredPrompt, image_urls: imageUrls, ...videoFields },
    required: ['prompt', 'image_urls'],
  },
  credits: { per_second: { '480p': 10, '720p': 20, '1080p': 40 } },
} as const satisfies Model;

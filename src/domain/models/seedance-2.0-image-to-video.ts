import { imageUrls, requiredPrompt, videoFields } from './fields.ts';
import type { Model } from './model.ts';

/** Video from a prompt and images, the first of which is the main frame. */
export const seedance20ImageToVideo = {
  id: 'seedance-2.0-image-to-video',
  title: 'Seedance 2.0, image to video',
  media: 'video',
  input_schema: {
    type: 'object',
    properties: { prompt: requiredPrompt, image_urls: imageUrls, ...videoFields },
    required: ['prompt', 'image_urls'],
  },
  // Charged as text to video is.
  credits: { per_second: { '480p': 20, '720p': 40, '1080p': 80 } },
} as const satisfies Model;

import { imageUrls, inputOf, requiredPrompt, videoFields } from './fields.ts';
import type { Model } from './model.ts';

/** The fast sister of image to video, at half its price. */
export const seedance20FastImageToVideo = {
  id: 'seedance-2.0-fast-image-to-video',
  title: 'Seedance 2.0 Fast, image to video',
  input: inputOf({ prompt: requiredPrompt, image_urls: imageUrls, ...videoFields }),
  pricing: { per: 'second', credits: { '480p': 10, '720p': 20, '1080p': 40 } },
} as const satisfies Model;

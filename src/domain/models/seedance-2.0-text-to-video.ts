import { requiredPrompt, videoFields } from './fields.ts';
import type { Model } from './model.ts';

/** Video from a prompt alone. */
export const seedance20TextToVideo = {
  id: 'seedance-2.0-text-to-video',
  title: 'Seedance 2.0, text to video',
  media: 'video',
  input_schema: {
    type: 'object',
    properties: { prompt: requiredPrompt, ...videoFields },
    required: ['prompt'],
  },
  credits: { per_second: { '480p': 20, '720p': 40, '1080p': 80 } },
} as const satisfies Model;

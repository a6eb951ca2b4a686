import { requiredPrompt, videoFields } from './fields.ts';
import type { Model } from './model.ts';

/** The fast sister of text to video. */
export const seedance20FastTextToVideo = {
  id: 'seedance-2.0-fast-text-to-video',
  title: 'Seedance 2.0 Fast, text to video',
  media: 'video',
  input_schema: {
    type: 'object',
    properties: { prompt: requiredPrompt, ...videoFields },
    required: ['prompt'],
  },
  // Upstream says that it is priced apart and publishes no price: a guess would make a wrong estimate.
  credits: null,
} as const satisfies Model;

import { imageFields, requiredPrompt } from './fields.ts';
import type { Model } from './model.ts';

/** An image from a prompt alone. */
export const gptImage2TextToImage = {
  id: 'gpt-image-2-text-to-image',
  title: 'GPT Image 2, text to image',
  media: 'image',
  input_schema: {
    type: 'object',
    properties: { prompt: requiredPrompt, ...imageFields },
    required: ['prompt'],
  },
  credits: { per_item: { '1K': 3, '2K': 5, '4K': 8 } },
} as const satisfies Model;

import { imageFields, imageUrls, requiredPrompt } from './fields.ts';
import type { Model } from './model.ts';

/** An image from a prompt and other images. */
export const gptImage2ImageToImage = {
  id: 'gpt-image-2-image-to-image',
  title: 'GPT Image 2, image to image',
  media: 'image',
  input_schema: {
    type: 'object',
    properties: { prompt: requiredPrompt, image_urls: imageUrls, ...imageFields },
    required: ['prompt', 'image_urls'],
  },
  credits: { per_item: { '1K': 3, '2K': 5, '4K': 8 } },
} as const satisfies Model;

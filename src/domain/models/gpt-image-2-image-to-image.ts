import { imageFields, imageUrls, inputOf, requiredPrompt } from './fields.ts';
import type { Model } from './model.ts';

/** An image from a prompt and other images. */
export const gptImage2ImageToImage = {
  id: 'gpt-image-2-image-to-image',
  title: 'GPT Image 2, image to image',
  input: inputOf({ prompt: requiredPrompt, image_urls: imageUrls, ...imageFields }),
  pricing: { per: 'image', credits: { '1K': 3, '2K': 5, '4K': 8 } },
} as const satisfies Model;

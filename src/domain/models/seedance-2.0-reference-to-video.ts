import { optionalPrompt, referenceUrls, videoFields } from './fields.ts';
import type { Model } from './model.ts';

/** Video from any mix of a prompt and reference images, videos and audio. No field is required by upstream's document. */
export const seedance20ReferenceToVideo = {
  id: 'seedance-2.0-reference-to-video',
  title: 'Seedance 2.0, reference to video',
  media: 'video',
  input_schema: {
    type: 'object',
    properties: {
      prompt: optionalPrompt,
      reference_image_urls: referenceUrls('images to follow for subject, style and scene'),
      reference_video_urls: referenceUrls('videos to follow for motion, camera and rhythm'),
      reference_audio_urls: referenceUrls('audio to follow for timing and soundtrack'),
      ...videoFields,
    },
  },
  credits: { per_second: { '480p': 40, '720p': 80, '1080p': 160 } },
} as const satisfies Model;

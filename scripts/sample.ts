import type { TaskRequest } from 'ringback/client';

/** A task that shows the way: five seconds of video, whose end is told to this URL. */
export function sampleTask(callbackUrl: URL): TaskRequest {
  return {
    model: 'seedance-2.0-reference-to-video',
    input: { prompt: 'A red fox walks through fresh snow at dawn', resolution: '720p', duration: 5 },
    callback_url: callbackUrl.href,
    metadata: { row: '42' },
  };
}

import { z } from 'zod';
import { describeIssues } from '../invalid.ts';

const MAX_PROMPT_CHARACTERS = 20_000;
// What a task costs and shows where the request does not say; upstream's own defaults are not documented.
const DEFAULT_VIDEO = { resolution: '720p', durationSeconds: 5 } as const;
const DEFAULT_IMAGE = { resolution: '1K' } as const;

const prompt = z.string().max(MAX_PROMPT_CHARACTERS);
const urls = z.array(z.string().min(1));
const requiredUrls = urls.min(1);

// Loose: upstream takes fields that it does not know, and keeps them in `param`.
const video = z.looseObject({
  prompt,
  aspect_ratio: z.string().optional(),
  ratio: z.string().optional(),
  resolution: z.enum(['480p', '720p', '1080p']).optional(),
  duration: z.number().positive().optional(),
  generate_audio: z.boolean().optional(),
  web_search: z.boolean().optional(),
  nsfw_checker: z.boolean().optional(),
});
const image = z.looseObject({
  prompt,
  aspect_ratio: z.string().optional(),
  resolution: z.enum(['1K', '2K', '4K']).optional(),
});
const referenceVideo = video.extend({
  prompt: prompt.optional(),
  reference_image_urls: urls.optional(),
  reference_video_urls: urls.optional(),
  reference_audio_urls: urls.optional(),
});

type VideoInput = z.infer<typeof referenceVideo>;
type ImageInput = z.infer<typeof image>;
type AnyInput = z.infer<typeof anything>;
type ReadInput = (
  input: unknown,
) => { input: VideoInput | ImageInput | AnyInput; credits: number } | z.ZodError;

interface Model {
  kind: 'video' | 'image';
  read: ReadInput;
}

const MODELS: Record<string, Model> = {
  'seedance-2.0-reference-to-video': videoModel(referenceVideo, { '480p': 40, '720p': 80, '1080p': 160 }),
  'seedance-2.0-text-to-video': videoModel(video, { '480p': 20, '720p': 40, '1080p': 80 }),
  'seedance-2.0-image-to-video': videoModel(video.extend({ image_urls: requiredUrls }), {
    '480p': 20,
    '720p': 40,
    '1080p': 80,
  }),
  // Its price is not documented: taken from its image sister.
  'seedance-2.0-fast-text-to-video': videoModel(video, { '480p': 10, '720p': 20, '1080p': 40 }),
  'seedance-2.0-fast-image-to-video': videoModel(video.extend({ image_urls: requiredUrls }), {
    '480p': 10,
    '720p': 20,
    '1080p': 40,
  }),
  'gpt-image-2-text-to-image': imageModel(image),
  'gpt-image-2-image-to-image': imageModel(image.extend({ image_urls: requiredUrls })),
};

/**
 * A model that upstream brought out after the sandbox was written: its id has a number or says what it makes. It takes any input, for
 * one price. Other unknown ids are none, as upstream has it.
 */
const NEW_ID = /^(?=.*(?:\d|video|image|audio))[a-z0-9][a-z0-9._-]{0,99}$/;
const NEW_MODEL_CREDITS = 5;
const anything = z.looseObject({ prompt: z.string().optional() });

const readAnything: ReadInput = (value) => {
  const parsed = anything.safeParse(value);
  return parsed.success ? { input: parsed.data, credits: NEW_MODEL_CREDITS } : parsed.error;
};

function newModel(id: string): Model | undefined {
  if (!NEW_ID.test(id)) return undefined;
  return { kind: id.endsWith('image') ? 'image' : 'video', read: readAnything };
}

const requestShape = z.looseObject({ model: z.string(), input: z.looseObject({}) });

export type Request =
  | { ok: true; model: string; kind: Model['kind']; prompt: string; credits: number; param: string }
  | { ok: false; code: 400 | 422; msg: string };

/**
 * Reads a createTask body. Without a model that exists there is nothing to validate against, which is 400; an input
 * that breaks its model's rules is 422. `aspect_ratio` becomes `ratio` in `param`, unless `ratio` is given too.
 */
export function readRequest(body: unknown): Request {
  const request = requestShape.safeParse(body);
  if (!request.success)
    return { ok: false, code: 400, msg: `invalid parameters: ${describeIssues(request.error)}` };
  const id = request.data.model;
  const model = Object.hasOwn(MODELS, id) ? MODELS[id] : newModel(id);
  if (model === undefined) return { ok: false, code: 400, msg: `invalid parameters: unknown model` };
  const read = model.read(request.data.input);
  if (read instanceof z.ZodError) {
    return { ok: false, code: 422, msg: `validation failed: ${describeIssues(read, 'input')}` };
  }
  return {
    ok: true,
    model: request.data.model,
    kind: model.kind,
    prompt: read.input.prompt ?? '',
    credits: read.credits,
    param: JSON.stringify({ ...request.data, input: read.input }),
  };
}

function videoModel(schema: z.ZodType<VideoInput>, creditsPerSecond: Record<string, number>): Model {
  const read: ReadInput = (value) => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) return parsed.error;
    const ratio = parsed.data.ratio ?? parsed.data.aspect_ratio;
    const input = ratio === undefined ? parsed.data : { ...parsed.data, ratio };
    const perSecond = creditsPerSecond[input.resolution ?? DEFAULT_VIDEO.resolution] ?? 0;
    return { input, credits: Math.ceil(perSecond * (input.duration ?? DEFAULT_VIDEO.durationSeconds)) };
  };
  return { kind: 'video', read };
}

function imageModel(schema: z.ZodType<ImageInput>): Model {
  const creditsPerImage = { '1K': 3, '2K': 5, '4K': 8 };
  const read: ReadInput = (value) => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) return parsed.error;
    return {
      input: parsed.data,
      credits: creditsPerImage[parsed.data.resolution ?? DEFAULT_IMAGE.resolution],
    };
  };
  return { kind: 'image', read };
}

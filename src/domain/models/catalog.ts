import { gptImage2ImageToImage } from './gpt-image-2-image-to-image.ts';
import { gptImage2TextToImage } from './gpt-image-2-text-to-image.ts';
import type { Model } from './model.ts';
import { seedance20FastImageToVideo } from './seedance-2.0-fast-image-to-video.ts';
import { seedance20FastTextToVideo } from './seedance-2.0-fast-text-to-video.ts';
import { seedance20ImageToVideo } from './seedance-2.0-image-to-video.ts';
import { seedance20ReferenceToVideo } from './seedance-2.0-reference-to-video.ts';
import { seedance20TextToVideo } from './seedance-2.0-text-to-video.ts';

/** Every model that the relay takes, the documented one first. A new model is one file and one line here. */
export const MODELS = [
  seedance20ReferenceToVideo,
  seedance20TextToVideo,
  seedance20ImageToVideo,
  seedance20FastTextToVideo,
  seedance20FastImageToVideo,
  gptImage2TextToImage,
  gptImage2ImageToImage,
] as const satisfies readonly [Model, ...Model[]];

const byId: ReadonlyMap<string, Model> = new Map(MODELS.map((model) => [model.id, model]));

/** The ids of all models, in the catalog's order: what the answer to an unknown model names. */
export const modelIds: readonly string[] = [...byId.keys()];

/** The model of this id, spelt exactly as upstream spells it; undefined where there is none. */
export function findModel(id: string): Model | undefined {
  return byId.get(id);
}

import { gptImage2ImageToImage } from './gpt-image-2-image-to-image.ts';
import { gptImage2TextToImage } from './gpt-image-2-text-to-image.ts';
import type { Media, Model } from './model.ts';
import { seedance20FastImageToVideo } from './seedance-2.0-fast-image-to-video.ts';
import { seedance20FastTextToVideo } from './seedance-2.0-fast-text-to-video.ts';
import { seedance20ImageToVideo } from './seedance-2.0-image-to-video.ts';
import { seedance20ReferenceToVideo } from './seedance-2.0-reference-to-video.ts';
import { seedance20TextToVideo } from './seedance-2.0-text-to-video.ts';

/** The models that come with Ringback, the documented one first. */
const BUILTIN: readonly [Model, ...Model[]] = [
  seedance20ReferenceToVideo,
  seedance20TextToVideo,
  seedance20ImageToVideo,
  seedance20FastTextToVideo,
  seedance20FastImageToVideo,
  gptImage2TextToImage,
  gptImage2ImageToImage,
];

const builtinById: ReadonlyMap<string, Model> = new Map(BUILTIN.map((model) => [model.id, model]));

/** A model as the operator sees it. */
export interface CatalogEntry {
  readonly model: Model;
  readonly isBuiltin: boolean;
  /** Taken for no new task. */
  readonly isDisabled: boolean;
}

/** What the database knows of a model: an operator's own, or that a built-in one (`model` is null) is disabled. */
export interface StoredModel {
  readonly id: string;
  readonly model: Model | null;
  readonly isDisabled: boolean;
}

/** Every model that there is, the built-in ones first. */
export class Catalog {
  readonly entries: readonly CatalogEntry[];
  private readonly byId: ReadonlyMap<string, CatalogEntry>;

  constructor(stored: readonly StoredModel[] = []) {
    const changes = new Map(stored.map((one) => [one.id, one]));
    const own = stored.flatMap(({ id, model, isDisabled }) =>
      model === null || builtinById.has(id) ? [] : [{ model, isBuiltin: false, isDisabled }],
    );
    const builtin = BUILTIN.map((model) => {
      return { model, isBuiltin: true, isDisabled: changes.get(model.id)?.isDisabled ?? false };
    });
    this.entries = [...builtin, ...own];
    this.byId = new Map(this.entries.map((entry) => [entry.model.id, entry]));
  }

  /** Those that new tasks may be of. */
  get models(): readonly Model[] {
    return this.entries.filter(({ isDisabled }) => !isDisabled).map(({ model }) => model);
  }

  /** The model of this id, spelt exactly as upstream spells it, if a new task may be of it. */
  find(id: string): Model | undefined {
    const entry = this.byId.get(id);
    return entry === undefined || entry.isDisabled ? undefined : entry.model;
  }

  entry(id: string): CatalogEntry | undefined {
    return this.byId.get(id);
  }
}

/** The ids that new tasks may name: what the answer to an unknown one lists. */
export function modelIdsOf({ models }: Catalog): string[] {
  return models.map(({ id }) => id);
}

/** The models that come with Ringback, none disabled. */
export const BUILTIN_CATALOG = new Catalog();

/** What a built-in model makes; null for any other. Tasks of before models were data have not noted it. */
export function builtinMedia(modelId: string): Media | null {
  return builtinById.get(modelId)?.media ?? null;
}

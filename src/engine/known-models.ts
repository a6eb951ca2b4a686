import type { Clock } from '../domain/clock.ts';
import { BUILTIN_CATALOG, Catalog } from '../domain/models/catalog.ts';
import type { Model } from '../domain/models/model.ts';
import type { ModelStore, StoredCatalog } from '../store/models.ts';

/** How old the catalog that a task is checked by may be. As old as what is known of a client, with which it is read. */
const KNOWN_FOR_MS = 2_000;

/** The catalog as this isolate has seen it last. Whoever reads a client reads by the way whether it has changed. */
export class KnownModels {
  private readonly clock: Clock;
  private stored: Catalog = BUILTIN_CATALOG;
  private readAt = -Infinity;
  private leastVersion = 0;
  private changedAt = -Infinity;
  /** What need not be read again; null: nothing is known. */
  version: number | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get catalog(): Catalog {
    return this.stored;
  }

  get isFresh(): boolean {
    return this.clock.now() - this.readAt < KNOWN_FOR_MS;
  }

  /** Read in this very millisecond, or never. */
  get isOld(): boolean {
    return this.readAt < this.clock.now();
  }

  saw({ version, models }: StoredCatalog): void {
    // Asked for before this isolate's own change was stored, and answered after it.
    if (version < this.leastVersion && this.clock.now() - this.changedAt < KNOWN_FOR_MS) return;
    if (models !== null) this.stored = new Catalog(models);
    this.version = version;
    this.readAt = this.clock.now();
  }

  /** What is known may be wrong: it is read again. */
  expire(): void {
    this.readAt = -Infinity;
  }

  /** This isolate has changed a model. */
  changed(): void {
    this.leastVersion = (this.version ?? -1) + 1;
    this.changedAt = this.clock.now();
    this.version = null;
    this.expire();
  }
}

/** The one catalog that everything goes by. */
export interface Models {
  /** All models, as they were two seconds ago at the latest. */
  readonly catalog: () => Promise<Catalog>;
  /** The same as they were at the last look; asks nobody. */
  readonly known: () => Catalog;
  /** The model of this id, if a new task may be of it. Looks again before it says no. */
  readonly find: (id: string) => Promise<Model | null>;
  readonly put: ModelStore['put'];
  readonly remove: ModelStore['remove'];
}

/** The catalog over what is stored and what this isolate knows of it. */
export function createModels(store: ModelStore, known: KnownModels): Models {
  const look = async () => known.saw(await store.read(known.version));
  return {
    known: () => known.catalog,
    async catalog() {
      if (!known.isFresh) await look();
      return known.catalog;
    },
    async find(id) {
      if (!known.isFresh) await look();
      if (known.catalog.find(id) === undefined && known.isOld) await look();
      return known.catalog.find(id) ?? null;
    },
    async put(id, definition, how) {
      await store.put(id, definition, how);
      known.changed();
    },
    async remove(id) {
      await store.remove(id);
      known.changed();
    },
  };
}

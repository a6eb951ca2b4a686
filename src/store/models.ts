import { asModel } from '../domain/models/model.ts';
import type { Definition } from '../domain/models/model.ts';
import type { StoredModel } from '../domain/models/catalog.ts';
import { retried } from './retry.ts';
import type { Patience } from './retry.ts';

/** What is stored of models, and how to know whether it is still so. */
export interface StoredCatalog {
  readonly version: number;
  /** Null where the version is the one that was known: nothing has changed. */
  readonly models: readonly StoredModel[] | null;
}

export interface CatalogRow {
  readonly version: number;
  readonly models: string | null;
}

interface ModelJson {
  readonly id: string;
  readonly definition: Definition | null;
  readonly disabled: number;
}

/** Reads one row where nothing has changed since the version ?1. */
const READ = `select version, iif(version = ?1, null, (
    select json_group_array(json_object('id', id, 'definition', json(definition), 'disabled', disabled))
    from (select * from models order by added_at, id))) as models
  from catalog`;

const CHANGED = 'update catalog set version = version + 1';

/** What of the catalog is stored: a statement for any batch. */
export function readCatalog(db: D1Database, known: number | null): D1PreparedStatement {
  return db.prepare(READ).bind(known);
}

/** What the row of `readCatalog` says. */
export function catalogOf(row: CatalogRow | null | undefined): StoredCatalog {
  if (row === null || row === undefined) return { version: 0, models: [] };
  if (row.models === null) return { version: row.version, models: null };
  const rows: ModelJson[] = JSON.parse(row.models);
  return {
    version: row.version,
    models: rows.map(({ id, definition, disabled }) => ({
      id,
      // Definitions are written by `put` alone, so their shape is trusted.
      model: definition === null ? null : asModel(id, definition),
      isDisabled: disabled === 1,
    })),
  };
}

/** Models as the operator changes them. Every write may be carried out twice. */
export function createModelStore(db: D1Database, patience: Patience) {
  const change = async (statement: D1PreparedStatement) => {
    await retried(patience, async () => await db.batch([statement, db.prepare(CHANGED)]));
  };
  return {
    /** @param known the version that need not be read again. */
    async read(known: number | null): Promise<StoredCatalog> {
      return catalogOf(await readCatalog(db, known).first<CatalogRow>());
    },

    /** Adds a model, or changes it; with null for its definition a built-in one. */
    async put(
      id: string,
      definition: Definition | null,
      { isDisabled, at }: { isDisabled: boolean; at: number },
    ) {
      const json = definition === null ? null : JSON.stringify({ ...definition, disabled: undefined });
      await change(
        db
          .prepare(
            `insert into models (id, definition, disabled, added_at) values (?1, ?2, ?3, ?4)
             on conflict (id) do update set definition = excluded.definition, disabled = excluded.disabled`,
          )
          .bind(id, json, Number(isDisabled), at),
      );
    },

    async remove(id: string): Promise<void> {
      await change(db.prepare('delete from models where id = ?1').bind(id));
    },
  };
}

export type ModelStore = ReturnType<typeof createModelStore>;

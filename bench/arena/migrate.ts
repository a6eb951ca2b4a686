import { join } from 'node:path';
import { readD1Migrations } from '@cloudflare/vitest-plugin';
import type { Miniflare } from 'miniflare';
import { ROOT } from '../../scripts/worker.ts';

/** Brings the database that is bound as `DB` to the newest schema. */
export async function migrate(miniflare: Miniflare): Promise<void> {
  const db = await miniflare.getD1Database('DB');
  for (const { queries } of await readD1Migrations(join(ROOT, 'migrations'))) {
    await db.batch(queries.map((query) => db.prepare(query)));
  }
}

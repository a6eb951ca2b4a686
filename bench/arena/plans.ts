import type { Plan } from '../workers/shapes.ts';
import { bundle } from './bundle.ts';
import { DATABASE } from './relay.ts';
import { COMPATIBILITY_DATE, startWorkerd } from './runtime.ts';

/** Tables that grow with the tasks: a statement of the hot path that reads one of them from end to end does not scale. */
const WHOLE = /^SCAN (tasks|deliveries|delivery_attempts|attempts|abandoned)\b( USING)?/;
/** It says how far it reads along an index, or asks only whether there is one. */
const BOUNDED = /\blimit\b|^\s*select exists/;

/** The plans of the hot path's statements over the database in this folder, which nobody else has open. */
export async function plansIn(folder: string): Promise<Plan[]> {
  const { miniflare, stop } = await startWorkerd({
    modules: true,
    script: await bundle('bench/workers/plans.ts'),
    compatibilityDate: COMPATIBILITY_DATE,
    d1Databases: { DB: DATABASE },
    resourcePersistencePath: folder,
  });
  try {
    const response = await miniflare.dispatchFetch('http://plans.test/');
    const text = await response.text();
    if (!response.ok) throw new Error(text.slice(0, 2_000));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own Worker's answer
    return JSON.parse(text) as Plan[];
  } finally {
    await stop();
  }
}

/** Steps that read a whole table, or a whole index of it. */
export function scansOf({ sql, steps }: Plan): string[] {
  return steps.filter((step) => {
    const [, table, byIndex] = WHOLE.exec(step) ?? [];
    // Named like its table: what the statement has picked out of it.
    const isPicked = steps.includes(`CO-ROUTINE ${table}`) && byIndex === undefined;
    return table !== undefined && !isPicked && !(byIndex !== undefined && BOUNDED.test(sql));
  });
}

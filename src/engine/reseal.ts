import { SealError } from '../sealing/secrets.ts';
import type { Secrets } from '../sealing/secrets.ts';
import { SEALED_PLACES } from '../store/sealed.ts';
import type { Resealing, SealedStore } from '../store/sealed.ts';
import { logError, logInfo } from './log.ts';

/** Rows read in one run; most have nothing sealed. */
const BATCH = 1_000;
/** Values opened and sealed in one run: some milliseconds of the 10 ms CPU that the Free plan gives it. */
const MAX_VALUES = 50;

const BEGINNING: Resealing = {
  place: 0,
  after: '',
  found: 0,
  unopened: 0,
  resealed: 0,
  finishedAt: null,
};

export interface ResealDeps {
  readonly secrets: Secrets;
  readonly sealed: SealedStore;
}

/**
 * Seals one batch of stored values anew with the current master key, while the previous one is configured too. It goes
 * through all of them, and again until a whole pass finds none: a Worker of before the change may have sealed some behind
 * its back. Returns how many it sealed.
 */
export async function reseal({ secrets, sealed }: ResealDeps, now: number): Promise<number> {
  const keyName = await secrets.keyName();
  const stand = (await sealed.progress(keyName)) ?? BEGINNING;
  const place = SEALED_PLACES[stand.place];
  if (stand.finishedAt !== null || place === undefined) return 0;
  const rows = await sealed.page(place, stand.after, BATCH);
  const values: { id: string; from: string; to: string }[] = [];
  let unopened = 0;
  let after = stand.after;
  for (const { id, sealed: from } of rows) {
    if (values.length + unopened === MAX_VALUES) break;
    after = id;
    if (from === null || (await secrets.isCurrent(from))) continue;
    const to = await sealedAnew(secrets, from, place.context(id));
    if (to === null) unopened++;
    else values.push({ id, from, to });
  }
  const counted = {
    ...stand,
    found: stand.found + values.length,
    unopened: stand.unopened + unopened,
    resealed: stand.resealed + values.length,
  };
  const isWhole = rows.length < BATCH && after === (rows.at(-1)?.id ?? stand.after);
  const next = isWhole ? behindPlace(counted, now) : { ...counted, after };
  await sealed.replace(place, values, keyName, next);
  if (next.finishedAt !== null) {
    logInfo('every stored secret is sealed with MASTER_KEY: MASTER_KEY_PREVIOUS can be removed', {
      resealed: next.resealed,
      unopened: next.unopened,
    });
  }
  return values.length;
}

function behindPlace(stand: Resealing, now: number): Resealing {
  const place = stand.place + 1;
  if (place < SEALED_PLACES.length) return { ...stand, place, after: '' };
  if (stand.found === 0) return { ...stand, after: '', finishedAt: now };
  return { ...stand, place: 0, after: '', found: 0, unopened: 0 };
}

/** Null where no key opens it: then there is nothing to save. */
async function sealedAnew(secrets: Secrets, sealed: string, context: string): Promise<string | null> {
  try {
    return await secrets.seal(await secrets.open(sealed, context), context);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    logError('a stored value opens with neither master key', error, { place: context });
    return null;
  }
}

import { SealError } from '../sealing/secrets.ts';
import type { Secrets } from '../sealing/secrets.ts';
import type { Clock } from '../domain/clock.ts';
import { sealedPlaces } from '../store/sealed.ts';
import type { SealSample, SealedStore } from '../store/sealed.ts';

/** What of the stored secrets does not open with the master keys that are configured; of each kind, how many. */
export interface Locked {
  readonly of: readonly { readonly what: string; readonly count: number }[];
  /** No signing secret opens, so that no callback can be signed. */
  readonly isAll: boolean;
}

/** For whoever asks from outside, as often as they like. Another key comes with another isolate. */
const KNOWN_FOR_MS = 60_000;

/** Whether `MASTER_KEY` opens what is stored, as far as this isolate knows. */
export class Seals {
  private readonly secrets: Secrets;
  private readonly clock: Clock;
  private locked: Locked | null = null;
  private knownUntil = 0;

  constructor(secrets: Secrets, clock: Clock) {
    this.secrets = secrets;
    this.clock = clock;
  }

  /** Callbacks are not even looked at: none could be signed. */
  get holdsCallbacks(): boolean {
    return this.locked?.isAll === true;
  }

  /** Opens one value for each key that sealed some; null where all open. Values that were tampered with are no key's fault. */
  async judge(samples: readonly SealSample[]): Promise<Locked | null> {
    const judged = await Promise.all(
      samples.map(async (sample) => ({ ...sample, isLocked: await this.isLocked(sample) })),
    );
    const locked = judged.filter(({ isLocked }) => isLocked);
    const signing = judged.filter(({ place }) => place === SIGNING);
    this.locked =
      locked.length === 0
        ? null
        : {
            of: sealedPlaces.flatMap(({ what }, place) => {
              const count = locked.reduce((sum, each) => sum + (each.place === place ? each.count : 0), 0);
              return count === 0 ? [] : [{ what, count }];
            }),
            isAll: signing.length > 0 && signing.every(({ isLocked }) => isLocked),
          };
    this.knownUntil = this.clock.now() + KNOWN_FOR_MS;
    return this.locked;
  }

  /** As it was a moment ago at the most. */
  async look(sealed: SealedStore): Promise<Locked | null> {
    const now = this.clock.now();
    return now < this.knownUntil ? this.locked : await this.judge(await sealed.samples(now));
  }

  private async isLocked({ place, id, sealed }: SealSample): Promise<boolean> {
    const context = sealedPlaces[place]?.context;
    if (context === undefined) return false;
    try {
      await this.secrets.open(sealed, context(id));
      return false;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      return error.isForeign;
    }
  }
}

/** The place of the secrets that every callback needs. */
const SIGNING = sealedPlaces.findIndex(({ column }) => column === 'signing_secret');

/** What is wrong and what to do, for `/healthz`, the log and the console. */
export function wordsOfLocked({ of }: Locked): string {
  const what = of.map(({ what: name, count }) => `${name} (${count})`).join(', ');
  return (
    `MASTER_KEY does not open what is stored: ${what}. What needs it waits, and uses up no attempts. Put the key that ` +
    'sealed it back as MASTER_KEY, or set it as MASTER_KEY_PREVIOUS.'
  );
}

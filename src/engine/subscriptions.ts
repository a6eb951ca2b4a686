import { sealedFor } from '../domain/sealed-for.ts';
import { subscriptionId } from '../domain/ids.ts';
import { formatSigningSecret } from '../domain/signature.ts';
import { identityOf, OPERATOR } from '../domain/subscription.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { Clock } from '../domain/clock.ts';
import type { Secrets } from '../sealing/secrets.ts';
import type { SubscriptionStore } from '../store/subscriptions.ts';

const SECRET_BYTES = 32;
/** How often a subscription is made against others that are quicker. */
const MAX_TRIES = 5;

export interface SubscriptionDeps {
  readonly subscriptions: SubscriptionStore;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** What somebody asks for, validated. */
export type NewSubscription = Pick<
  Subscription,
  'clientId' | 'url' | 'host' | 'relayHost' | 'events' | 'models' | 'format' | 'description'
> & { readonly headers: Readonly<Record<string, string>> };

export type Subscribed =
  | {
      readonly kind: 'made';
      readonly subscription: Subscription;
      /** An operator's own, shown this once; null for a client's. */
      readonly signingSecret: string | null;
    }
  /** It was there already, and is active again. */
  | { readonly kind: 'known'; readonly subscription: Subscription }
  /** Its owner has as many as may be. */
  | { readonly kind: 'too-many' };

/** Makes a subscription, or takes the same one up again, with headers and description replaced. */
export async function subscribe(deps: SubscriptionDeps, given: NewSubscription): Promise<Subscribed> {
  const identity = await identityOf(given);
  const { headers, ...rest } = given;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const known = await deps.subscriptions.byIdentity(given.clientId, identity);
    const now = deps.clock.now();
    const id = known?.id ?? subscriptionId(now, deps.randomBytes(16));
    const own = await signingSecretOf(deps, given, known, id);
    const saved = await deps.subscriptions.save(
      {
        ...rest,
        id,
        sealedHeaders: await sealHeaders(deps, id, headers),
        signingSecret: own.sealed,
        state: 'active',
        stoppedReason: null,
        createdAt: now,
        activeSince: now,
        lastDeliveredAt: null,
        lastStatus: null,
        failingSince: null,
      },
      identity,
    );
    if (saved !== null && known === null)
      return { kind: 'made', subscription: saved, signingSecret: own.shown };
    if (saved !== null) return { kind: 'known', subscription: saved };
    // Either there is no room, or another request made it meanwhile.
    const standing = await deps.subscriptions.byIdentity(given.clientId, identity);
    if (standing?.id === known?.id) return { kind: 'too-many' };
  }
  throw new Error(`a subscription changed ${MAX_TRIES} times while it was to be made`);
}

async function signingSecretOf(
  { secrets, randomBytes }: SubscriptionDeps,
  { clientId }: NewSubscription,
  known: Subscription | null,
  id: string,
): Promise<{ sealed: string | null; shown: string | null }> {
  if (clientId !== OPERATOR) return { sealed: null, shown: null };
  if (known !== null) return { sealed: known.signingSecret, shown: null };
  const shown = formatSigningSecret(randomBytes(SECRET_BYTES));
  return { sealed: await secrets.seal(shown, sealedFor.signingSecret(id)), shown };
}

async function sealHeaders(
  { secrets }: SubscriptionDeps,
  id: string,
  headers: Readonly<Record<string, string>>,
): Promise<string | null> {
  if (Object.keys(headers).length === 0) return null;
  return await secrets.seal(JSON.stringify(headers), sealedFor.subscriptionHeaders(id));
}

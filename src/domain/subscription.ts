import { canonicalJson } from './canonical-json.ts';
import type { Client } from './client.ts';
import type { EventType } from './events/event.ts';
import { sha256Hex } from './hex.ts';

/** How a message is written: the flat body, or a sentence for a chat. */
export const FORMATS = ['json', 'slack', 'discord', 'teams'] as const;
export type Format = (typeof FORMATS)[number];

/** Subscriptions of one client, or of the operator, that are active at once; and all of them, those that were stopped too. */
export const MAX_ACTIVE = 20;
export const MAX_SUBSCRIPTIONS = 200;

/** Whose subscriptions hear of all clients. No client has this id. */
export const OPERATOR = 'operator';

/** A standing address that is told of events. Instants are epoch ms. */
export interface Subscription {
  readonly id: string;
  /** Whose it is; `OPERATOR` for one that hears of all clients. */
  readonly clientId: string;
  readonly url: string;
  /** Host and port of the URL, as the URL policy names it. */
  readonly host: string;
  /** The name that it was made under: Ringback never calls itself. */
  readonly relayHost: string;
  readonly events: readonly EventType[];
  /** Null: all models. */
  readonly models: readonly string[] | null;
  readonly format: Format;
  readonly description: string | null;
  /** The caller's headers, sealed, or null. */
  readonly sealedHeaders: string | null;
  /** Sealed; null for a client's, which the client's own secret signs. */
  readonly signingSecret: string | null;
  readonly state: 'active' | 'stopped';
  readonly stoppedReason: string | null;
  readonly createdAt: number;
  /** It gets what happens from then on. */
  readonly activeSince: number;
  readonly lastDeliveredAt: number | null;
  readonly lastStatus: number | null;
  /** Since when each of its deliveries has failed; null while none has since the last that came. */
  readonly failingSince: number | null;
}

/** Whose secrets sign a message, and whether a JWT goes with it. */
export type Sender = Pick<
  Client,
  | 'id'
  | 'signingSecret'
  | 'previousSigningSecret'
  | 'previousSecretUntil'
  | 'olderSigningSecrets'
  | 'callbackJwt'
  | 'failureCallbackUrl'
>;

/** The sender of an operator's subscription: it has a secret of its own. Null for a client's. */
export function ownSender({ id, signingSecret }: Subscription): Sender | null {
  if (signingSecret === null) return null;
  const nothingReplaced = {
    previousSigningSecret: null,
    previousSecretUntil: null,
    olderSigningSecrets: null,
  };
  return { id, signingSecret, ...nothingReplaced, callbackJwt: 0, failureCallbackUrl: null };
}

function sorted(list: readonly string[]): string[] {
  return Array.from(new Set(list)).toSorted();
}

/** What makes two requests the same subscription: URL, events and models as sets, and format. */
export async function identityOf({
  url,
  events,
  models,
  format,
}: Pick<Subscription, 'url' | 'events' | 'models' | 'format'>): Promise<string> {
  return await sha256Hex(
    canonicalJson({ url, events: sorted(events), models: models && sorted(models), format }),
  );
}

const DAY_SECONDS = 86_400;

/** Why a subscription was stopped, in words. */
export const STOPPED_BY_410 = 'The receiver answered 410, which means: send nothing more.';

/** @param seconds `SUBSCRIPTION_STOP_SECONDS`. */
export function stoppedByFailures(seconds: number): string {
  const span =
    seconds >= DAY_SECONDS && seconds % DAY_SECONDS === 0
      ? `${seconds / DAY_SECONDS} ${seconds === DAY_SECONDS ? 'day' : 'days'}`
      : `${seconds} seconds`;
  return `Every delivery to it has failed for ${span}.`;
}

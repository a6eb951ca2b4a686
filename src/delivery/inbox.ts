import { toBase64Url } from '../domain/base64.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import type { InboxStore } from '../store/inbox.ts';
import type { Clock } from '../domain/clock.ts';
import type { CallbackRequest, CallbackSender } from './sender.ts';
import { SealError } from '../sealing/secrets.ts';
import type { Secrets } from '../sealing/secrets.ts';

/**
 * The console's built-in inbox: a callback URL of Ringback itself, whose callbacks are not sent but kept, signed as any
 * other. A Worker cannot call itself, and the URL policy forbids Ringback's own host to everybody; so the URL holds a
 * sealed token, which nobody but Ringback can make. It opens for one client and one inbox.
 */

const PATH = '/console/inbox/';
const ID_BYTES = 16;
/** Kept with a callback: what a receiver verifies. Other headers may hold secrets. */
const KEPT_HEADERS = new Set([
  'content-type',
  'user-agent',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
]);

export interface InboxAddress {
  readonly inboxId: string;
  readonly clientId: string;
}

export interface InboxOptions {
  readonly secrets: Secrets;
  readonly store: InboxStore;
  readonly clock: Clock;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** Makes inboxes, knows their addresses, and takes the callbacks that are sent there. */
export function createInbox({ secrets, store, clock, randomBytes }: InboxOptions) {
  const addressOf = async (url: string): Promise<InboxAddress | null> => {
    const path = URL.canParse(url) ? new URL(url).pathname : '';
    if (!path.startsWith(PATH)) return null;
    try {
      const text = await secrets.open(path.slice(PATH.length), sealedFor.inbox);
      const [clientId = '', inboxId = ''] = text.split(' ');
      return { clientId, inboxId };
    } catch (error) {
      if (error instanceof SealError) return null;
      throw error;
    }
  };

  const keep = async (inboxId: string, { headers, body }: CallbackRequest): Promise<void> => {
    const kept = Object.fromEntries(
      Object.entries(headers).filter(([name]) => KEPT_HEADERS.has(name.toLowerCase())),
    );
    const callback = { receivedAt: clock.now(), webhookId: kept['webhook-id'] ?? '', headers: kept, body };
    await store.keep(inboxId, callback);
  };

  return {
    addressOf,

    /** A new inbox of a client, as a callback URL on this origin. */
    async mint(clientId: string, origin: string): Promise<string> {
      const text = `${clientId} ${toBase64Url(randomBytes(ID_BYTES))}`;
      return `${origin}${PATH}${await secrets.seal(text, sealedFor.inbox)}`;
    },

    /** What came to an inbox about one task, newest first. */
    read: async (inboxId: string, webhookId: string, now: number) =>
      await store.read(inboxId, webhookId, now),

    /** The callback sender with the inboxes before it: what is addressed to one of them never leaves the Worker. */
    before(send: CallbackSender): CallbackSender {
      return async (request) => {
        const isOwn = URL.canParse(request.url) && request.ownHosts.includes(new URL(request.url).hostname);
        const address = isOwn ? await addressOf(request.url) : null;
        if (address === null) return await send(request);
        try {
          await keep(address.inboxId, request);
        } catch {
          return { kind: 'connection', message: 'the built-in inbox could not keep it' };
        }
        return { kind: 'response', status: 204, retryAfter: null, location: null, excerpt: '' };
      };
    },
  };
}

export type Inbox = ReturnType<typeof createInbox>;

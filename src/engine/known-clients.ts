import type { Client } from '../domain/client.ts';
import type { Clock } from '../domain/clock.ts';
import type { ClientStore } from '../store/clients.ts';

/** How old what is known of a client may be when a task is posted with its key. */
const KNOWN_FOR_MS = 2_000;
const MAX_KNOWN = 1_000;

/**
 * The clients whose keys this isolate has seen a moment ago. For posts alone, which store a task only while the key is one: so a
 * revoked key stops at once all the same, and a post asks the database once less.
 */
export class KnownClients {
  private readonly clock: Clock;
  private readonly known = new Map<string, { readonly at: number; readonly client: Client }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get(keyHash: string): Client | null {
    const one = this.known.get(keyHash);
    return one !== undefined && this.clock.now() - one.at < KNOWN_FOR_MS ? one.client : null;
  }

  saw(client: Client): void {
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(client.keyHash, { at: this.clock.now(), client });
  }

  /** Some client was changed: what is known may be wrong. */
  forget(): void {
    this.known.clear();
  }
}

/** The same store; this isolate forgets what it knew as soon as it has changed a client. */
export function forgetting(clients: ClientStore, known: KnownClients): ClientStore {
  return {
    ...clients,
    async update(id, fields) {
      await clients.update(id, fields);
      known.forget();
    },
    async replaceSecret(id, from, fields) {
      const wasReplaced = await clients.replaceSecret(id, from, fields);
      known.forget();
      return wasReplaced;
    },
  };
}

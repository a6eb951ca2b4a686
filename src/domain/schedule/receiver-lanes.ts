import { afterAttempt, standingOf, UNKNOWN_RECEIVER } from '../receivers/health.ts';
import type { ReceiverHealth, Sight, Standing } from '../receivers/health.ts';
import { profileOf } from '../receivers/profile.ts';
import type { Delivery } from '../delivery.ts';

/** What was learned of a receiver's host, for D1. */
export interface ReceiverSight {
  readonly host: string;
  readonly clientId: string;
  readonly health: ReceiverHealth;
}

type Address = Pick<Delivery, 'host' | 'clientId' | 'url'>;

/** A rate that a known receiver documents, and whose turn it needs. */
export interface Pace {
  readonly lane: string;
  readonly intervalMs: number;
}

/** The receivers' lanes as one invocation knows them: what D1 says, and what it has seen itself since. */
export class ReceiverLanes {
  private readonly known = new Map<string, ReceiverSight>();
  private readonly unwritten = new Set<string>();
  /** Calls that D1 has granted to paced receivers, and that are not made yet. */
  private readonly granted = new Set<string>();

  /** What D1 says of it holds unless this invocation has seen something newer. */
  learn(host: string, clientId: string, health: ReceiverHealth | null): void {
    const before = this.known.get(keyOf(host, clientId));
    if (before !== undefined && before.health.observedAt >= (health?.observedAt ?? 0)) return;
    this.known.set(keyOf(host, clientId), { host, clientId, health: health ?? UNKNOWN_RECEIVER });
  }

  health({ host, clientId }: Address): ReceiverHealth {
    return this.known.get(keyOf(host, clientId))?.health ?? UNKNOWN_RECEIVER;
  }

  standing(address: Address, now: number): Standing {
    return standingOf(this.health(address), now);
  }

  isOpen(address: Address, now: number): boolean {
    return (this.health(address).openUntil ?? 0) > now;
  }

  saw(address: Address, sight: Sight, now: number): void {
    const { host, clientId } = address;
    const before = this.health(address);
    const health = afterAttempt(before, sight, now);
    if (health === before) return;
    this.known.set(keyOf(host, clientId), { host, clientId, health });
    this.unwritten.add(keyOf(host, clientId));
  }

  /** What D1 does not know yet. */
  get news(): readonly ReceiverSight[] {
    return Array.from(this.unwritten).flatMap((key) => this.known.get(key) ?? []);
  }

  /** D1 has these; what was seen since stays news. */
  written(sights: readonly ReceiverSight[]): void {
    for (const sight of sights) {
      const key = keyOf(sight.host, sight.clientId);
      if (this.known.get(key) === sight) this.unwritten.delete(key);
    }
  }

  /** Whether a paced receiver may be called, by a grant that the call uses up; always where no rate is documented. */
  hasGrant(address: Address): boolean {
    const pace = paceOf(address.url, address.host);
    return pace === null || this.granted.has(pace.lane);
  }

  grant(lane: string): void {
    this.granted.add(lane);
  }

  useGrant(address: Address): void {
    const pace = paceOf(address.url, address.host);
    if (pace !== null) this.granted.delete(pace.lane);
  }
}

/** The rate that the receiver at this address documents, or null. */
export function paceOf(url: string, host: string): Pace | null {
  const profile = profileOf(url);
  const intervalMs = profile?.minIntervalMs ?? null;
  return intervalMs === null ? null : { lane: profile?.rateScope === 'url' ? url : host, intervalMs };
}

function keyOf(host: string, clientId: string): string {
  return `${host} ${clientId}`;
}

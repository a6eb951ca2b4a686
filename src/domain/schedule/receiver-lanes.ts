import { afterAttempt, standingOf, UNKNOWN_RECEIVER } from '../receivers/health.ts';
import type { ReceiverHealth, Sight, Standing } from '../receivers/health.ts';
import { profileOf } from '../receivers/profile.ts';
import type { Delivery } from '../delivery.ts';
import { afterUse } from './slots.ts';
import type { Slots } from './slots.ts';

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

/** Instants at which a paced receiver may be called. */
export interface CallSlots extends Slots {
  readonly lane: string;
}

/** The receivers' lanes as one invocation knows them: what D1 says, and what it has seen itself since. */
export class ReceiverLanes {
  private readonly known = new Map<string, ReceiverSight>();
  private readonly unwritten = new Set<string>();
  /** Instants that D1 has handed out for calls of paced receivers, by lane. */
  private readonly slots = new Map<string, CallSlots>();

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

  /** When the receiver may be called next: at once where no rate is documented, `Infinity` where it needs an instant from D1 first. Epoch ms. */
  nextCallAt(address: Address): number {
    const pace = paceOf(address.url, address.host);
    if (pace === null) return 0;
    const slots = this.slots.get(pace.lane);
    return slots === undefined || slots.count === 0 ? Infinity : slots.from;
  }

  grant(slots: CallSlots): void {
    this.slots.set(slots.lane, slots);
  }

  useSlot(address: Address, now: number): void {
    const slots = this.slots.get(paceOf(address.url, address.host)?.lane ?? '');
    if (slots !== undefined) this.slots.set(slots.lane, afterUse(slots, now));
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

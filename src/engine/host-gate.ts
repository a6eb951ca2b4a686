import { afterAttempt, inFlightLimit, standingOf, UNKNOWN_HOST } from '../domain/host-health.ts';
import type { HostHealth, Standing } from '../domain/host-health.ts';
import { profileOf } from '../domain/receivers/profile.ts';
import type { Delivery } from '../domain/task.ts';

/**
 * Of the callbacks in flight, so many may go to hosts that are not known to answer, and so many of these to hosts that met
 * the last one with silence: whoever is new waits behind no dead host, and whoever answers waits behind neither.
 */
const MAX_UNPROVEN = 3;
const MAX_SILENT = 1;
/** All hosts whose last answer took long share one slot. */
const MAX_SLOW = 1;
/** Notices that a callback was given up go to addresses of which nothing is known: one at a time, among the unproven. */
const MAX_NOTICES = 1;
const UNPROVEN = ['silent', 'slow', 'unknown'] as const satisfies Standing[];

/**
 * Keeps receivers from each other: how many callbacks are in flight to each host, which hosts answer, and how fast a known
 * receiver may be called. One for each invocation; what it learns of a host is kept in D1.
 */
export class HostGate {
  private readonly health = new Map<string, HostHealth>();
  private readonly inFlight = new Map<string, number>();
  private readonly nextAt = new Map<string, number>();
  private changed = new Set<string>();
  private notices = 0;

  /** Takes note of what D1 knows; what this invocation has seen itself is newer. */
  learn(host: string, known: HostHealth | null): void {
    if (!this.health.has(host)) this.health.set(host, known ?? UNKNOWN_HOST);
  }

  knows(host: string): boolean {
    return this.health.has(host);
  }

  /** Whether a slot of this host is soon free again: it answers, and no rule of its own says how fast it may be called. */
  isQuick({ host, url }: Delivery, now: number): boolean {
    const health = this.health.get(host) ?? UNKNOWN_HOST;
    return standingOf(health, now) === 'proven' && (health.openUntil ?? 0) <= now && profileOf(url) === null;
  }

  /** Whether a callback may go there at `now`. */
  admits({ host, url }: Delivery, now: number): boolean {
    const health = this.health.get(host) ?? UNKNOWN_HOST;
    if ((health.openUntil ?? 0) > now || (this.nextAt.get(rateKey(host, url)) ?? 0) > now) return false;
    if ((this.inFlight.get(host) ?? 0) >= inFlightLimit(health, now)) return false;
    return this.takes(standingOf(health, now), now);
  }

  start({ host, url }: Delivery, now: number): void {
    this.inFlight.set(host, (this.inFlight.get(host) ?? 0) + 1);
    const pause = profileOf(url)?.minIntervalMs ?? null;
    if (pause !== null) this.nextAt.set(rateKey(host, url), now + pause);
  }

  /** Whether the notice of a given-up callback may go at `now`. */
  admitsNotice(now: number): boolean {
    return this.notices < MAX_NOTICES && this.unproven(now) < MAX_UNPROVEN;
  }

  startNotice(): void {
    this.notices++;
  }

  endNotice(): void {
    this.notices--;
  }

  /** @param answered null where nothing was sent there. */
  end(host: string, answered: boolean | null, now: number, tookMs: number): void {
    const left = (this.inFlight.get(host) ?? 0) - 1;
    if (left > 0) this.inFlight.set(host, left);
    else this.inFlight.delete(host);
    if (answered === null) return;
    const before = this.health.get(host) ?? UNKNOWN_HOST;
    const after = afterAttempt(before, { answered, tookMs }, now);
    if (after === before) return;
    this.health.set(host, after);
    this.changed.add(host);
  }

  /** Hosts that take nothing more at the moment, so that their rows are not even read. */
  closed(now: number): string[] {
    return Array.from(this.health).flatMap(([host, health]) => {
      const isOpen = (health.openUntil ?? 0) > now;
      const isFull = (this.inFlight.get(host) ?? 0) >= inFlightLimit(health, now);
      return isOpen || isFull || !this.takes(standingOf(health, now), now) ? [host] : [];
    });
  }

  /** Rate keys, hosts or URLs, of known receivers that may not be called again yet: their rows are not read either. */
  paced(now: number): string[] {
    return Array.from(this.nextAt).flatMap(([key, at]) => (at > now ? [key] : []));
  }

  /** When a pause between two callbacks to a known receiver is over, or `Infinity`. */
  nextOpening(now: number): number {
    return Math.min(Infinity, ...Array.from(this.nextAt.values()).filter((at) => at > now));
  }

  /** Whether hosts of this standing have a slot left. */
  takes(standing: Standing, now: number): boolean {
    if (standing === 'proven') return true;
    if (standing === 'silent' && this.inFlightTo('silent', now) >= MAX_SILENT) return false;
    if (standing === 'slow' && this.inFlightTo('slow', now) >= MAX_SLOW) return false;
    return this.unproven(now) < MAX_UNPROVEN;
  }

  /** Callbacks in flight to hosts that are not known to answer, and at once; a notice is one of them. */
  unproven(now: number): number {
    return UNPROVEN.reduce((sum, standing) => sum + this.inFlightTo(standing, now), this.notices);
  }

  /** What has changed since it was last asked, to be kept. */
  takeChanges(): ReadonlyMap<string, HostHealth> {
    const changes = new Map(
      Array.from(this.changed, (host) => [host, this.health.get(host) ?? UNKNOWN_HOST]),
    );
    this.changed = new Set();
    return changes;
  }

  private inFlightTo(standing: Standing, now: number): number {
    let sum = 0;
    for (const [host, count] of this.inFlight) {
      if (standingOf(this.health.get(host) ?? UNKNOWN_HOST, now) === standing) sum += count;
    }
    return sum;
  }
}

function rateKey(host: string, url: string): string {
  return profileOf(url)?.rateScope === 'url' ? url : host;
}

/** What is known about the receivers behind an address. Null where no source says anything. */
export interface ReceiverProfile {
  readonly name: string;
  /** Between two callbacks to the same rate key, from the documented rate. */
  readonly minIntervalMs: number | null;
  /** What the rate holds for, and so what its key is made of. */
  readonly rateScope: 'host' | 'url';
  /** A sentence for the attempt log or for advice. */
  readonly quirk: string | null;
  /** For addresses that live only for a moment: a sentence that says so, and what to use instead. */
  readonly oneOff: string | null;
  /** Its 2xx may hold words of a failure: they are read, and told in the attempt log. */
  readonly saysMore?: boolean;
  /** Where it is written, and when it was read there. */
  readonly source: string;
}

/** Where a URL leads, as the profiles look at it. */
export interface Place {
  /** Lower-case, without port and trailing dots. */
  readonly host: string;
  /** As the URL parser writes it, without the query. */
  readonly path: string;
}

export interface KnownReceiver {
  readonly isAt: (place: Place) => boolean;
  readonly profile: ReceiverProfile;
}

/** Whether `host` is `domain` or a name below it. */
export function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** The pause that keeps to a rate of `count` in `windowMs`: never a fraction too short. */
export function pauseOf(count: number, windowMs: number): number {
  return Math.ceil(windowMs / count);
}

import type { Ledger } from '../ledger.ts';
import { hasEnded, type Task } from './task.ts';
import { TIERS, settingsFromKey, type Endpoint, type KeySettings, type TierName } from './tiers.ts';
import { RequestWindows, type Exceeded } from './windows.ts';

const BEARER = /^Bearer (sk-\S+)$/;
const PREFIX = 'key:';

/** The API key of an Authorization header, or null where it is none of upstream's. */
export function keyFromHeader(authorization: string | null): string | null {
  return BEARER.exec(authorization ?? '')?.[1] ?? null;
}

/** What one API key has, has spent and is doing. */
export class KeyAccount {
  charged = 0;
  readonly tasksByRequestId = new Map<string, Task>();
  private running: Task[] = [];
  // Not in the ledger: an eviction needs seconds of silence, and costs the sandbox at most a window.
  private readonly windows: Record<Endpoint, RequestWindows> = {
    createTask: new RequestWindows(),
    recordInfo: new RequestWindows(),
  };
  settings: KeySettings;

  constructor(settings: KeySettings) {
    this.settings = settings;
  }

  get creditsLeft(): number {
    return this.settings.credits - this.charged;
  }

  enter(endpoint: Endpoint, nowMs: number): (Exceeded & { tier: TierName }) | null {
    const { tier } = this.settings;
    const exceeded = this.windows[endpoint].enter(TIERS[tier][endpoint], nowMs);
    return exceeded === null ? null : { ...exceeded, tier };
  }

  activeTasks(nowMs: number): number {
    this.running = this.running.filter((task) => !hasEnded(task, nowMs));
    return this.running.length;
  }

  take(task: Task): void {
    this.charged += task.credits;
    this.running.push(task);
    if (task.requestId !== null) this.tasksByRequestId.set(task.requestId, task);
  }
}

/** All keys that were seen or set up. */
export class KeyBook {
  private readonly accounts = new Map<string, KeyAccount>();
  private readonly ledger: Ledger;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
    for (const [name, settings] of ledger.list<KeySettings>({ prefix: PREFIX })) {
      this.accounts.set(name.slice(PREFIX.length), new KeyAccount(settings));
    }
  }

  account(key: string): KeyAccount {
    const known = this.accounts.get(key);
    if (known !== undefined) return known;
    const account = new KeyAccount(settingsFromKey(key));
    this.accounts.set(key, account);
    return account;
  }

  /** Changes what a key is allowed. A new tier brings its own active limit, `credits` is what is left from now on. */
  configure(key: string, change: Partial<KeySettings>): void {
    const account = this.account(key);
    const limits = change.tier === undefined ? {} : { activeLimit: TIERS[change.tier].activeTasks };
    const credits = change.credits === undefined ? {} : { credits: change.credits + account.charged };
    account.settings = { ...account.settings, ...limits, ...change, ...credits };
    this.ledger.put(PREFIX + key, account.settings);
  }

  entries(): Iterable<[string, KeyAccount]> {
    return this.accounts.entries();
  }

  clear(): void {
    for (const key of this.accounts.keys()) this.ledger.delete(PREFIX + key);
    this.accounts.clear();
  }
}

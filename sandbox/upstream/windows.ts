import type { WindowLimits } from './tiers.ts';

const SECOND_MS = 1000;

export interface Exceeded {
  limit: number;
  windowSeconds: number;
  /** Whole seconds until the window is over; at least 1. */
  retryAfter: number;
}

interface Window {
  seconds: number;
  startMs: number;
  count: number;
}

/**
 * The two request windows of one key on one endpoint. A window opens with the first request that finds none open.
 * A request over a limit is not counted: it did not enter.
 */
export class RequestWindows {
  private readonly windows: { limit: (limits: WindowLimits) => number; window: Window }[] = [
    { limit: (limits) => limits.perSecond, window: { seconds: 1, startMs: -Infinity, count: 0 } },
    { limit: (limits) => limits.perMinute, window: { seconds: 60, startMs: -Infinity, count: 0 } },
  ];

  /** Counts a request at `nowMs`, or answers the window that has no room for it. */
  enter(limits: WindowLimits, nowMs: number): Exceeded | null {
    for (const { limit, window } of this.windows) {
      const lengthMs = window.seconds * SECOND_MS;
      if (nowMs - window.startMs >= lengthMs) {
        window.startMs = nowMs;
        window.count = 0;
      }
      if (window.count >= limit(limits)) {
        const leftMs = window.startMs + lengthMs - nowMs;
        return {
          limit: limit(limits),
          windowSeconds: window.seconds,
          retryAfter: Math.max(1, Math.ceil(leftMs / SECOND_MS)),
        };
      }
    }
    for (const { window } of this.windows) window.count += 1;
    return null;
  }
}

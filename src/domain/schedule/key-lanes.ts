import type { KeyLesson, UpstreamKey } from '../upstream-key.ts';
import { afterUse } from './slots.ts';
import type { Slots } from './slots.ts';

/** Instants at which a key whose rate upstream limits may be polled. */
export interface PollSlots extends Slots {
  readonly keyId: string;
}

interface Lane {
  key: UpstreamKey;
  /** As far as this invocation has met it itself: what is leased anew is not paused. Epoch ms. */
  submitPausedUntil: number;
  slots: PollSlots | null;
}

/** The upstream keys' lanes as one invocation knows them. */
export class KeyLanes {
  private readonly lanes = new Map<string, Lane>();

  /** What D1 says; a pause that was met here is not shortened by it. */
  learn(key: UpstreamKey): void {
    const before = this.lanes.get(key.id);
    const pollPausedUntil = Math.max(key.pollPausedUntil, before?.key.pollPausedUntil ?? 0);
    const pollIntervalMs = key.pollIntervalMs ?? before?.key.pollIntervalMs ?? null;
    this.lanes.set(key.id, {
      key: { ...key, pollPausedUntil, pollIntervalMs },
      submitPausedUntil: before?.submitPausedUntil ?? 0,
      slots: before?.slots ?? null,
    });
  }

  get(keyId: string): UpstreamKey | null {
    return this.lanes.get(keyId)?.key ?? null;
  }

  apply(lesson: KeyLesson): void {
    const lane = this.lanes.get(lesson.keyId);
    if (lane === undefined) return;
    if (lesson.what === 'polls-paused') {
      const pollIntervalMs = lesson.intervalMs ?? lane.key.pollIntervalMs;
      lane.key = {
        ...lane.key,
        pollPausedUntil: Math.max(lesson.until, lane.key.pollPausedUntil),
        pollIntervalMs,
      };
      lane.slots = null;
    }
    if (lesson.what === 'submits-paused')
      lane.submitPausedUntil = Math.max(lesson.until, lane.submitPausedUntil);
    if (lesson.what === 'failing') lane.key = { ...lane.key, isFailing: true };
    if (lesson.what === 'answered') lane.key = { ...lane.key, isFailing: false };
    if (lesson.what === 'troubled')
      lane.key = { ...lane.key, troubledSince: lane.key.troubledSince ?? lesson.since };
    if (lesson.what === 'untroubled') lane.key = { ...lane.key, troubledSince: null };
    if (lesson.what === 'exhausted') lane.key = { ...lane.key, isExhausted: true };
    if (lesson.what === 'credited') lane.key = { ...lane.key, isExhausted: false };
  }

  grant(slots: PollSlots): void {
    const lane = this.lanes.get(slots.keyId);
    if (lane !== undefined) lane.slots = slots;
  }

  /** When the key may be polled next, as far as is known: `Infinity` where it needs an instant from D1 first. Epoch ms. */
  nextPollAt(keyId: string): number {
    const lane = this.lanes.get(keyId);
    if (lane === undefined) return 0;
    const { pollPausedUntil, pollIntervalMs } = lane.key;
    if (pollIntervalMs === null) return pollPausedUntil;
    const { slots } = lane;
    return slots === null || slots.count === 0 ? Infinity : Math.max(pollPausedUntil, slots.from);
  }

  /** When upstream may be asked for a task of the key next, as far as is known. Epoch ms. */
  nextSubmitAt(keyId: string): number {
    return this.lanes.get(keyId)?.submitPausedUntil ?? 0;
  }

  /** The key's rate, where its polls need instants that D1 hands out; null where they need none, or have some. */
  lacksSlots(keyId: string, now: number): number | null {
    const lane = this.lanes.get(keyId);
    const intervalMs = lane?.key.pollIntervalMs ?? null;
    if (lane === undefined || intervalMs === null || lane.key.pollPausedUntil > now) return null;
    return lane.slots === null || lane.slots.count === 0 ? intervalMs : null;
  }

  usePollSlot(keyId: string, now: number): void {
    const lane = this.lanes.get(keyId);
    if (lane !== undefined && lane.slots !== null) lane.slots = afterUse(lane.slots, now);
  }
}

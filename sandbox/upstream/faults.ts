import { z } from 'zod';
import { ENDPOINTS, type Endpoint } from './tiers.ts';

const MAX_DELAY_MS = 120_000;
/** How long a hang lasts unless it is told otherwise: longer than any caller waits. */
const DEFAULT_HANG_MS = 60_000;

const common = {
  endpoint: z.enum(ENDPOINTS),
  /** Only calls with this API key. */
  key: z.string().optional(),
  /** How many calls it hits; with a probability and without this, it stays until the reset. */
  times: z.number().int().min(1).max(1_000_000).optional(),
  /** The chance of each call to be hit; 1 unless given. */
  probability: z.number().gt(0).max(1).optional(),
  /** The call does its work first and only the answer is bad: the case that makes retries dangerous. */
  afterEffect: z.boolean().default(false),
  delayMs: z.number().int().min(0).max(MAX_DELAY_MS).default(0),
};

/** How a 429 says how long to wait: in its `data` as a number or a text, in `Retry-After` alone, or there without an envelope. */
const LIMITS_TOLD = ['data', 'text', 'header', 'bare'] as const;

/** A fault as it is asked for. `hang` waits and then breaks the connection; `disconnect` breaks it at once. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('status'),
    status: z.literal([400, 401, 402, 404, 409, 422, 429, 500, 502, 503]),
    /** Seconds, told in the `data` of a 429. */
    retryAfter: z.number().int().min(1).max(3600).default(1),
    /** Requests in sixty seconds, told in the `data` of a 429. */
    limit: z.number().int().min(1).max(1_000_000).default(1),
    /** How it is told how long to wait after a 429. */
    told: z.enum(LIMITS_TOLD).default('data'),
    /** Its words, instead of upstream's usual ones. */
    message: z.string().max(1_000).optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('malformed') }),
  /** The right answer, with its code as text. */
  z.strictObject({ ...common, kind: z.literal('text-code') }),
  /** The answer to somebody else of the same key: another task's record, or its id. */
  z.strictObject({ ...common, kind: z.literal('other-task') }),
  z.strictObject({ ...common, kind: z.literal('disconnect') }),
  z.strictObject({
    ...common,
    kind: z.literal('hang'),
    delayMs: z.number().int().min(1).max(MAX_DELAY_MS).default(DEFAULT_HANG_MS),
  }),
  z.strictObject({ ...common, kind: z.literal('delay'), delayMs: z.number().int().min(1).max(MAX_DELAY_MS) }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;

const MAX_FAULTS = 100;

/** The faults that are still to happen, oldest first. One call is hit by at most one of them. */
export class FaultList {
  private faults: (Fault & { left: number })[] = [];

  add(fault: Fault): void {
    const left = fault.times ?? (fault.probability === undefined ? 1 : Infinity);
    this.faults = [...this.faults, { ...fault, left }].slice(-MAX_FAULTS);
  }

  /** The fault that hits this call, or null. `random` gives a number in [0, 1). */
  take(endpoint: Endpoint, key: string | null, random: () => number): Fault | null {
    const hit = this.faults.find(
      (fault) =>
        fault.endpoint === endpoint &&
        (fault.key === undefined || fault.key === key) &&
        (fault.probability === undefined || random() < fault.probability),
    );
    if (hit === undefined) return null;
    hit.left -= 1;
    this.faults = this.faults.filter((fault) => fault.left > 0);
    return hit;
  }

  /** What is left, in the form that `restore` takes. */
  list(): readonly (Fault & { left: number })[] {
    return this.faults.map((fault) => ({ ...fault }));
  }

  clear(): void {
    this.faults = [];
  }

  restore(faults: readonly (Fault & { left: number })[]): void {
    this.faults = faults.map((fault) => ({ ...fault }));
  }
}

import type { z } from 'zod';
import type { ModelId } from './media.ts';

/** What upstream charges: `credits` for each second of video or for each image, by resolution. */
export interface Pricing {
  readonly per: 'second' | 'image';
  readonly credits: Readonly<Record<string, number>>;
}

/** One model of the upstream API: its name there, its strict input schema and its price (null where none is published). */
export interface Model {
  readonly id: ModelId;
  readonly title: string;
  readonly input: z.ZodObject;
  readonly pricing: Pricing | null;
}

/**
 * What a task with this (valid) input will cost, in whole credits, rounded up.
 *
 * Null where it cannot be known: the price is not published, `resolution` is absent, or a model that is charged by the
 * second was given no `duration`. Upstream then chooses, and so only upstream knows.
 */
export function estimateCredits(model: Model, input: Record<string, unknown>): number | null {
  const { pricing } = model;
  if (pricing === null) return null;
  const rate = rateAt(pricing, input['resolution']);
  if (rate === null) return null;
  if (pricing.per === 'image') return wholeCredits(rate);
  const seconds = input['duration'];
  return typeof seconds === 'number' && seconds > 0 ? wholeCredits(rate * seconds) : null;
}

/** A shallow copy of the input without null and undefined values: to upstream, absent is the only spelling of "not given". */
export function withoutNulls(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== null && value !== undefined),
  );
}

function rateAt(pricing: Pricing, resolution: unknown): number | null {
  // Own keys only: "constructor" is no resolution, although every object answers to it.
  if (typeof resolution !== 'string' || !Object.hasOwn(pricing.credits, resolution)) return null;
  return pricing.credits[resolution] ?? null;
}

/** Floating point makes 40 × 1.1 a hair more than 44, and rounding that up would charge a credit that upstream does not. */
const RELATIVE_DUST = 1e-12;

function wholeCredits(exact: number): number {
  const nearest = Math.round(exact);
  const whole = Math.abs(exact - nearest) <= nearest * RELATIVE_DUST ? nearest : Math.ceil(exact);
  // An absurd duration must still be a number that a daily limit can refuse and JSON can carry.
  return Math.min(whole, Number.MAX_SAFE_INTEGER);
}

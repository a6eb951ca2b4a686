import type { InputSchema } from './schema.ts';

/** What a model makes. */
export const MEDIA = ['video', 'image', 'audio'] as const;
export type Media = (typeof MEDIA)[number];

/** Credits by `resolution`. */
type Rates = Readonly<Record<string, number>>;

/** What upstream charges: for each second, for each item, or one price for all. */
export type Credits =
  | { readonly per_second: Rates }
  | { readonly per_item: Rates }
  | { readonly flat: number };

/** One model of the upstream API: its name there, what it takes and what it costs (null where no price is published). */
export interface Model {
  readonly id: string;
  readonly title: string;
  readonly media: Media;
  readonly input_schema: InputSchema;
  readonly credits: Credits | null;
}

/** An id as upstream may spell one. */
export const MODEL_ID = /^[a-z0-9][a-z0-9._-]{0,99}$/;

/** A model as an operator puts it, validated: `definition.ts` says how. */
export interface Definition {
  readonly title: string;
  readonly input_schema: InputSchema;
  readonly credits?: Credits | null | undefined;
  readonly media: Media;
  readonly disabled?: boolean | undefined;
}

/** The model that a definition describes. */
export function asModel(id: string, { title, media, input_schema, credits = null }: Definition): Model {
  return { id, title, media, input_schema, credits };
}

/**
 * What a task with this (valid) input will cost, in whole credits, rounded up.
 *
 * Null where it cannot be known: the price is not published, `resolution` is absent, or a model that is charged by the
 * second was given no `duration`. Upstream then chooses, and so only upstream knows.
 */
export function estimateCredits({ credits }: Model, input: Record<string, unknown>): number | null {
  if (credits === null) return null;
  if ('flat' in credits) return wholeCredits(credits.flat);
  const rate = rateAt('per_second' in credits ? credits.per_second : credits.per_item, input['resolution']);
  if (rate === null) return null;
  if ('per_item' in credits) return wholeCredits(rate);
  const seconds = input['duration'];
  return typeof seconds === 'number' && seconds > 0 ? wholeCredits(rate * seconds) : null;
}

/** A shallow copy of the input without null and undefined values: to upstream, absent is the only spelling of "not given". */
export function withoutNulls(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== null && value !== undefined),
  );
}

function rateAt(rates: Rates, resolution: unknown): number | null {
  // Own keys only: "constructor" is no resolution, although every object answers to it.
  if (typeof resolution !== 'string' || !Object.hasOwn(rates, resolution)) return null;
  return rates[resolution] ?? null;
}

/** Floating point makes 40 × 1.1 a hair more than 44, and rounding that up would charge a credit that upstream does not. */
const RELATIVE_DUST = 1e-12;

function wholeCredits(exact: number): number {
  const nearest = Math.round(exact);
  const whole = Math.abs(exact - nearest) <= nearest * RELATIVE_DUST ? nearest : Math.ceil(exact);
  // An absurd duration must still be a number that a daily limit can refuse and JSON can carry.
  return Math.min(whole, Number.MAX_SAFE_INTEGER);
}

import { z } from 'zod';

/** More than Ringback reads of an answer. */
const MAX_ANSWER_CHARACTERS = 10_000;
const MAX_DELAY_MS = 120_000;
const MAX_ANSWERS = 100;

const answerSchema = z.strictObject({
  status: z.number().int().min(200).max(599),
  /** Wait before answering. */
  delayMs: z.number().int().min(0).max(MAX_DELAY_MS).default(0),
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/, 'must be a header name'), z.string()).default({}),
  body: z.string().max(MAX_ANSWER_CHARACTERS).default(''),
});

/** How one callback is to be answered. */
export type Answer = z.infer<typeof answerSchema>;

/** What a box is told: the secret to verify with, and how to answer the next callbacks, in order. */
export const boxSettingsSchema = z.strictObject({
  secret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'must be whsec_ and base64')
    .optional(),
  answers: z.array(answerSchema).max(MAX_ANSWERS).default([]),
});
export type BoxSettings = z.infer<typeof boxSettingsSchema>;

/** Boxes are named by whoever uses them; the name is part of two paths and of a page. */
export const boxNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _');

/** A callback that came. */
export interface Received {
  /** Counts from 1 in each box, deletions aside. */
  number: number;
  /** ISO 8601. */
  at: string;
  headers: Record<string, string>;
  /** The body as it came, cut where `truncated` says so. */
  raw: string;
  truncated: boolean;
  /** The body's JSON value, or null where it is none. */
  body: unknown;
  /** Whether the signature holds; null where the box knows no secret to check it with. */
  verified: boolean | null;
  /** Why it does not hold or was not checked; null where it holds. */
  reason: string | null;
  /** The status that it was answered with. */
  answered: number;
}

/** A box as it is shown; the secret stays inside. */
export interface BoxView {
  box: string;
  secretKnown: boolean;
  answersLeft: number;
  /** Oldest first. */
  received: Received[];
}

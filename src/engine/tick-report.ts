import type { Act } from '../domain/turn.ts';

/** What one invocation did. */
export interface TickReport {
  readonly submits: number;
  readonly polls: number;
  readonly deliveries: number;
  readonly notices: number;
  readonly expired: number;
  /** Turns that ended in an exception: logged, and due again by their claims. */
  readonly errors: number;
}

/** What each act counts as. */
export const COUNTED = {
  submit: 'submits',
  poll: 'polls',
  deliver: 'deliveries',
  notify: 'notices',
  expire: 'expired',
} as const satisfies Record<Act, keyof TickReport>;

import type { Wants } from '../../src/domain/schedule/wants.ts';

/** Of the benches' rows. */
export const NOW = Date.UTC(2026, 10, 22, 15);
export const LEASE = NOW + 30_000;
export const patience = { sleep: async () => undefined, random: () => 0 };

/** All that an exchange may be asked for. */
export const EVERYTHING: Wants = {
  tasks: 300,
  queued: 40,
  deliveries: 24,
  overdue: true,
  abandoned: true,
  aheadMs: 3_000,
  leases: { poll: LEASE, copy: LEASE, submit: LEASE, delivery: LEASE },
  after: ['', ''],
  full: [['client', 'host']],
  keys: ['k'],
  polls: [{ keyId: 'operator', count: 5, intervalMs: 100 }],
  calls: [{ lane: 'host', intervalMs: 1_000, count: 1 }],
  held: ['task_0'],
};

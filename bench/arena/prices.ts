/**
 * What Cloudflare charges beyond what a plan includes, in dollars for a million, and what the Free plan allows a day, as
 * read on 22 November 2026: https://developers.cloudflare.com/workers/platform/pricing/ and
 * https://developers.cloudflare.com/d1/platform/pricing/.
 */
export const DOLLARS_PER_MILLION = {
  rowsWritten: 1,
  rowsRead: 0.001,
  requests: 0.3,
  cpuMs: 0.02,
  /** Of Workflows, since August 2026: $0.80 for 100,000. A retry is none, a sleep is one. */
  workflowSteps: 8,
} as const;

/** Steps of Workflows that the Paid plan includes a month. */
export const WORKFLOW_STEPS_A_MONTH = 500_000;

/** Those of queues: https://developers.cloudflare.com/queues/platform/pricing/, read on 29 November 2026. */
export const FREE_A_DAY = {
  rowsWritten: 100_000,
  rowsRead: 5_000_000,
  requests: 100_000,
  queueOperations: 10_000,
} as const;

/** Of a queue: a message is written, read and deleted. */
export const OPERATIONS_OF_MESSAGE = 3;

/**
 * What one invocation may do on either plan: outgoing fetches, and requests to D1
 * (https://developers.cloudflare.com/workers/platform/limits/, https://developers.cloudflare.com/d1/platform/limits/).
 */
export const AN_INVOCATION = {
  free: { fetches: 50, d1Requests: 50 },
  paid: { fetches: 10_000, d1Requests: 1_000 },
} as const;

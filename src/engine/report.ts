import type { Job } from '../domain/schedule/job.ts';

/** What one invocation did. */
export interface RunReport {
  submits: number;
  polls: number;
  deliveries: number;
  notices: number;
  /** Looks at tasks that ended here while upstream ran them on. */
  follows: number;
  /** Results that were fetched again before a callback was sent again. */
  refreshes: number;
  /** Tries to copy a result file. */
  copies: number;
  /** Jobs that ended in an exception: logged, and due again by their leases. */
  errors: number;
  /** Messages to the next leg that the queue did not take: what they were for is done by this one, slower. */
  failed_hand_overs: number;
}

export function emptyReport(): RunReport {
  return {
    submits: 0,
    polls: 0,
    deliveries: 0,
    notices: 0,
    follows: 0,
    refreshes: 0,
    copies: 0,
    errors: 0,
    failed_hand_overs: 0,
  };
}

/** What a job counts as. */
export function countOf(job: Job): keyof RunReport {
  switch (job.kind) {
    case 'submit':
      return 'submits';
    case 'poll':
      return 'polls';
    case 'follow':
      return 'follows';
    case 'refresh':
      return 'refreshes';
    case 'copy':
      return 'copies';
    case 'deliver':
      return job.work.delivery.kind === 'notice' ? 'notices' : 'deliveries';
  }
}

/**
 * What is the matter with the database, as far as its own words tell: D1 has no error codes, only messages
 * (https://developers.cloudflare.com/d1/observability/debug-d1/#error-list, read 2026-11-22).
 *
 * `passing`, it passes by itself within moments; `overloaded`, too much is asked of it; `daily-limit`, the Free plan's rows
 * of the day are used up; `full`, there is no room left; `too-many-requests`, this invocation has asked as often as the
 * platform allows one, and will hear nothing else (https://developers.cloudflare.com/d1/platform/limits/); `other`,
 * everything else that D1 says.
 */
export type DatabaseTrouble =
  | 'passing'
  | 'overloaded'
  | 'daily-limit'
  | 'full'
  | 'too-many-requests'
  | 'other';

const WORDS: readonly (readonly [Exclude<DatabaseTrouble, 'other'>, readonly string[]])[] = [
  [
    'passing',
    [
      'Network connection lost',
      'storage caused object to be reset',
      'reset because its code was updated',
      'Cannot resolve D1 DB due to transient issue',
      // The platform's own, without a prefix of D1: the outcome is unknown.
      'internal error; reference = ',
    ],
  ],
  ['overloaded', ['D1 DB is overloaded']],
  ['daily-limit', ['free tier daily row read limit', 'free tier daily row write limit']],
  ['full', ['Exceeded maximum DB size', 'maximum account storage limit', 'SQLITE_FULL']],
  ['too-many-requests', ['Too many API requests by single worker invocation', 'Too many subrequests']],
];

const DAY_SECONDS = 86_400;
/** The operator may take the Paid plan, or make room, long before the day is over. */
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** The trouble that an exception tells of; null where it is none of the database's. */
export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  const message = error instanceof Error ? error.message : String(error);
  const known = WORDS.find(([, words]) => words.some((word) => message.includes(word)));
  if (known !== undefined) return known[0];
  return message.startsWith('D1_') ? 'other' : null;
}

/** What a caller is asked to wait before it asks again, in seconds. The Free plan's day begins at midnight UTC. */
export function retryAfterTrouble(trouble: DatabaseTrouble, now: number): number {
  switch (trouble) {
    case 'passing':
    case 'too-many-requests':
    case 'other':
      return 5;
    case 'overloaded':
      return 30;
    case 'daily-limit':
      return Math.min(DAY_SECONDS - (Math.floor(now / 1_000) % DAY_SECONDS), MAX_RETRY_AFTER_SECONDS);
    case 'full':
      return MAX_RETRY_AFTER_SECONDS;
  }
}

/** The trouble in a sentence, for callers and for the log. */
export function wordsOfTrouble(trouble: DatabaseTrouble): string {
  switch (trouble) {
    case 'passing':
    case 'other':
      return 'The database does not answer.';
    case 'overloaded':
      return 'The database is overloaded.';
    case 'daily-limit':
      return "The database has reached the daily limit of Cloudflare's Free plan, which ends at midnight UTC.";
    case 'full':
      return 'The database is full.';
    case 'too-many-requests':
      return 'The invocation has made as many requests to the database as the platform allows.';
  }
}

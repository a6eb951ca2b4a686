import { SetupError } from './cloudflare.ts';

/** What differs from one deployment to the next. */
export interface Deployment {
  /** Of the Worker, of its database, and of its queue with `-wake-ups` behind it. */
  readonly name: string;
  readonly subrequestBudget: string;
  /** What `[limits]` lets one invocation request; null on the Free plan, which refuses a deploy with such limits (error 100328). */
  readonly subrequestLimit: number | null;
}

const NAME = /^name = "(.*)"$/m;
const DATABASE = /^database_name = "(.*)"$/m;
const BUDGET = /^SUBREQUEST_BUDGET = "(.*)"$/m;
const QUEUES = /^queue = ".*"$/gm;
const OWN_LIMITS = /\n# By `npm run setup`.*\n\[limits\]\nsubrequests = \d+\n/;
const LIMITS = /^\[limits\]/m;

/** The text of `wrangler.toml` with this deployment's values. Throws where it has no line for one of them. */
export function withDeployment(toml: string, deployment: Deployment): string {
  const { name, subrequestBudget, subrequestLimit } = deployment;
  let text = toml;
  for (const [line, value] of [
    [NAME, name],
    [DATABASE, name],
    [BUDGET, subrequestBudget],
  ] as const) {
    const found = line.exec(text)?.[0];
    if (found === undefined)
      throw new SetupError(`wrangler.toml has no line like ${line.source}; edit it by hand.`);
    text = text.replace(found, found.replace(/".*"/, `"${value}"`));
  }
  // Who took the queue out wants none.
  text = text.replace(QUEUES, `queue = "${name}-wake-ups"`);
  return withLimits(text.replace(OWN_LIMITS, ''), subrequestLimit);
}

function withLimits(text: string, subrequests: number | null): string {
  const hasLimits = LIMITS.test(text);
  if (subrequests === null && hasLimits)
    throw new SetupError(
      'wrangler.toml has [limits], with which the Free plan refuses a deploy (error 100328): take them out, or set the Paid plan up.',
    );
  // Limits that somebody wrote by hand are theirs.
  if (subrequests === null || hasLimits) return text;
  return `${text}
# By \`npm run setup\`, for the Paid plan: the Free one refuses a deploy with limits. SUBREQUEST_BUDGET stays below.
[limits]
subrequests = ${subrequests}
`;
}

const NO_BUCKET = /^# \[\[r2_buckets\]\]\n# binding = "RESULTS"\n# bucket_name = ".*"$/m;

/** The text of `wrangler.toml` with this bucket for results; as it is, where it has one already. */
export function withBucket(toml: string, bucket: string): string {
  return toml.replace(NO_BUCKET, `[[r2_buckets]]\nbinding = "RESULTS"\nbucket_name = "${bucket}"`);
}

/** What stands in `wrangler.toml` now. */
export function readDeployment(
  toml: string,
): Pick<Deployment, 'name' | 'subrequestBudget'> & { readonly database: string } {
  const name = NAME.exec(toml)?.[1] ?? 'ringback';
  return {
    name,
    database: DATABASE.exec(toml)?.[1] ?? name,
    subrequestBudget: BUDGET.exec(toml)?.[1] ?? '45',
  };
}

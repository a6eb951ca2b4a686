/** What differs from one deployment to the next. */
export interface Deployment {
  /** Of the Worker and of its database. */
  readonly name: string;
  readonly subrequestBudget: string;
}

const NAME = /^name = "(.*)"$/m;
const DATABASE = /^database_name = "(.*)"$/m;
const BUDGET = /^SUBREQUEST_BUDGET = "(.*)"$/m;

/** The text of `wrangler.toml` with this deployment's values. Throws where it has no line for one of them. */
export function withDeployment(toml: string, { name, subrequestBudget }: Deployment): string {
  let text = toml;
  for (const [line, value] of [
    [NAME, name],
    [DATABASE, name],
    [BUDGET, subrequestBudget],
  ] as const) {
    const found = line.exec(text)?.[0];
    if (found === undefined)
      throw new Error(`wrangler.toml has no line like ${line.source}; edit it by hand.`);
    text = text.replace(found, found.replace(/".*"/, `"${value}"`));
  }
  return text;
}

const NO_BUCKET = /^# \[\[r2_buckets\]\]\n# binding = "RESULTS"\n# bucket_name = ".*"$/m;

/** The text of `wrangler.toml` with this bucket for results; as it is, where it has one already. */
export function withBucket(toml: string, bucket: string): string {
  return toml.replace(NO_BUCKET, `[[r2_buckets]]\nbinding = "RESULTS"\nbucket_name = "${bucket}"`);
}

/** What stands in `wrangler.toml` now. */
export function readDeployment(toml: string): Deployment & { readonly database: string } {
  const name = NAME.exec(toml)?.[1] ?? 'ringback';
  return {
    name,
    database: DATABASE.exec(toml)?.[1] ?? name,
    subrequestBudget: BUDGET.exec(toml)?.[1] ?? '45',
  };
}

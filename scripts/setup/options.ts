import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { SetupError } from './cloudflare.ts';

export const HELP = `npm run setup -- [flags]    deploys Ringback to your Cloudflare account

  --name NAME           of the Worker and its database (what wrangler.toml says)
  --plan free|paid      your Workers plan: how many requests one run may make (free);
                        what either carries is in docs/limits.md
  --upstream-key KEY    your key of aigptimage.com; or UPSTREAM_API_KEY in the environment;
                        none, where each client brings its own
  --client NAME         the first client (first)
  --results yes|no      whether result files are kept in a bucket of R2, which has to be switched
                        on in your account once (no); without it links of upstream are told
  --yes                 asks nothing: what is not given is as in brackets
  --dry-run             prints each command of a first setup, and does nothing
`;

/** What the setup needs to know. */
export interface Answers {
  readonly name: string;
  readonly plan: 'free' | 'paid';
  readonly upstreamKey: string | null;
  readonly client: string;
  readonly results: 'yes' | 'no';
}

export interface Flags {
  readonly given: Partial<Record<'name' | 'plan' | 'upstream-key' | 'client' | 'results', string>>;
  readonly isDryRun: boolean;
  readonly asksNothing: boolean;
  readonly wantsHelp: boolean;
}

/** Flags that change what is done: without its own `--` npm takes them for itself, and a dry run would be a real one. */
const TAKEN_BY_NPM = ['dry-run', 'name', 'plan', 'upstream-key', 'client', 'results'];

/** Throws a `SetupError`, which names it, for a flag that nobody knows, and for one that npm did not hand on. */
export function readFlags(args: string[], env: NodeJS.ProcessEnv = {}): Flags {
  const taken = TAKEN_BY_NPM.find((flag) => env[`npm_config_${flag.replaceAll('-', '_')}`] !== undefined);
  if (taken !== undefined)
    throw new SetupError(
      `npm took --${taken} for itself. Put -- before the flags: npm run setup -- --${taken} …`,
    );
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean', default: false } as const;
  const options = {
    name: text,
    plan: text,
    'upstream-key': text,
    client: text,
    results: text,
    yes,
    'dry-run': yes,
    help: yes,
  };
  try {
    const {
      yes: asksNothing,
      'dry-run': isDryRun,
      help: wantsHelp,
      ...given
    } = parseArgs({ args, options }).values;
    return { given, isDryRun, asksNothing, wantsHelp };
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

/** Asks for what was not given, if somebody is there to answer; throws a `SetupError` for what cannot be. */
export async function answersFrom(flags: Flags, usualName: string): Promise<Answers> {
  const isAsking = process.stdin.isTTY && !flags.asksNothing && !flags.isDryRun;
  const terminal = isAsking ? createInterface({ input: process.stdin, output: process.stdout }) : null;
  const answer = async (given: string | undefined, question: string, usual: string): Promise<string> =>
    given ??
    ((await terminal?.question(`${question}${usual === '' ? '' : ` [${usual}]`}: `))?.trim() || usual);
  const { given } = flags;
  const upstream = given['upstream-key'] ?? process.env['UPSTREAM_API_KEY'];
  try {
    return checked({
      name: await answer(given.name, 'Name of the Worker and its database', usualName),
      plan: await answer(given.plan, 'Your Workers plan, free or paid', 'free'),
      upstreamKey: await answer(
        upstream,
        'Your key of aigptimage.com (empty: each client brings its own)',
        '',
      ),
      client: await answer(given.client, 'Name of the first client', 'first'),
      results: await answer(
        given.results,
        'Keep result files in R2, which is switched on in your account: yes or no',
        'no',
      ),
    });
  } finally {
    terminal?.close();
  }
}

/** Throws a `SetupError` that says what is wrong and what to enter. */
export function checked({
  name,
  plan,
  upstreamKey,
  client,
  results,
}: Record<keyof Answers, string>): Answers {
  if (!/^[a-z0-9][a-z0-9-]{0,53}$/.test(name))
    throw new SetupError('The name may have small letters, digits and dashes, at most 54.');
  if (plan !== 'free' && plan !== 'paid') throw new SetupError('The plan is free or paid.');
  if (!/^[\w.-]*$/.test(upstreamKey))
    throw new SetupError(
      'The upstream key has letters, digits, dots, dashes and underscores only: look whether all was copied.',
    );
  if (results !== 'yes' && results !== 'no') throw new SetupError('Results are kept: yes or no.');
  if (client === '') throw new SetupError('The client needs a name.');
  return { name, plan, upstreamKey: upstreamKey === '' ? null : upstreamKey, client, results };
}

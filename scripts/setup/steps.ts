import { z } from 'zod';
import {
  createBucket,
  createDatabase,
  deploy,
  hasBucket,
  hasDatabase,
  migrate,
  requireSignIn,
  SetupError,
} from './cloudflare.ts';
import type { Machine } from './machine.ts';
import type { Answers } from './options.ts';
import { completeSecrets, parseSecrets, secretsText } from './secrets-file.ts';
import { readDeployment, withBucket, withDeployment } from './wrangler-toml.ts';
import type { Deployment } from './wrangler-toml.ts';

const CONFIG = 'wrangler.toml';
/**
 * The Free plan lets one run request 50 times; the Paid one 10,000 times, and up to 10 million where `[limits]` says so
 * (https://developers.cloudflare.com/changelog/post/2026-02-11-subrequests-limit/). The limit is written down, so that what the
 * budget counts on does not change with the platform's default.
 */
const PLANS = {
  free: { subrequestBudget: '45', subrequestLimit: null },
  paid: { subrequestBudget: '9000', subrequestLimit: 10_000 },
} as const;
const HEALTH_TRIES = 30;
const HEALTH_PAUSE_MS = 3_000;

const clientsShape = z.object({ data: z.array(z.object({ name: z.string() })) });
const clientShape = z.object({ key: z.string(), signing_secret: z.string() });

/** What there is at the end. */
export interface Deployed {
  readonly url: string;
  readonly secretsFile: string;
  /** Null where a client of this name was there already: its key was shown when it was made. */
  readonly client: z.infer<typeof clientShape> | null;
}

/** From a signed-in wrangler to a relay with a first client. Run again, it goes on where it stopped, and changes no secret. */
export async function setUp(
  machine: Machine,
  { name, plan, upstreamKey, client, results }: Answers,
): Promise<Deployed> {
  const step = (text: string): void => machine.say(`\n${text}`);
  step('1  Is wrangler signed in, and is there a database already?');
  await requireSignIn(machine);
  const isThere = await hasDatabase(machine, name);

  step('2  Settings and secrets');
  configure(machine, { name, ...PLANS[plan] });
  const { secretsFile, adminToken } = keepSecrets(machine, { name, upstreamKey, isThere });

  step('3  The database and its tables');
  if (!isThere) await createDatabase(machine, name);
  await migrate(machine);
  if (results === 'yes') await keepResults(machine, `${name}-results`);

  step('4  The Worker, with its cron, its queue and its secrets');
  const url = await deploy(machine, ['--secrets-file', secretsFile]);

  step('5  The first client');
  await waitUntilHealthy(machine, url);
  return { url, secretsFile, client: await makeClient(machine, { url, adminToken, name: client }) };
}

/** A new version of the code: tables first, then the Worker. Makes the database where it is not there yet. */
export async function update(machine: Machine): Promise<void> {
  const { database } = readDeployment(machine.read(CONFIG) ?? '');
  if (!(await hasDatabase(machine, database))) await createDatabase(machine, database);
  await migrate(machine);
  await bindBucket(machine);
  await deploy(machine);
}

/** Who made the bucket wants results to be kept: nobody has to edit a file for it after pressing Cloudflare's button. */
async function bindBucket(machine: Machine): Promise<void> {
  const toml = machine.read(CONFIG) ?? '';
  const bucket = `${readDeployment(toml).name}-results`;
  const wanted = withBucket(toml, bucket);
  // It has one already, or somebody took the block out.
  if (wanted === toml) return;
  if (await hasBucket(machine, bucket)) machine.write(CONFIG, wanted, `RESULTS, the bucket ${bucket}`);
  else
    machine.say(
      `  There is no bucket ${bucket}: results are told by the links of upstream, which expire. To have them kept, switch R2 on in the ` +
        `account once (dashboard → R2), make a bucket of that name there, and deploy again.`,
    );
}

function configure(machine: Machine, deployment: Deployment): void {
  const toml = machine.read(CONFIG);
  if (toml === null)
    throw new SetupError('There is no wrangler.toml here: run this in a clone of the repository.');
  const { name, subrequestBudget, subrequestLimit } = deployment;
  const wanted = withDeployment(toml, deployment);
  const limits = subrequestLimit === null ? '' : `, limits.subrequests ${subrequestLimit}`;
  const about = `name and database ${name}, queue ${name}-wake-ups, SUBREQUEST_BUDGET ${subrequestBudget}${limits}`;
  if (wanted === toml) machine.say(`  ${CONFIG} stays as it is: ${about}`);
  else machine.write(CONFIG, wanted, about);
}

/** A relay that keeps no results is a whole one: where there is no bucket to be had, the setup goes on without. */
async function keepResults(machine: Machine, bucket: string): Promise<void> {
  if (!(await createBucket(machine, bucket))) {
    machine.say(
      '  There is no bucket for results, and so none are kept; everything else works. R2 has to be switched on in the account ' +
        'once: dashboard → R2 (it asks for a card; 10 GB are free). Then run this again.',
    );
    return;
  }
  const toml = machine.read(CONFIG) ?? '';
  const wanted = withBucket(toml, bucket);
  if (wanted !== toml) machine.write(CONFIG, wanted, `RESULTS, the bucket ${bucket}`);
}

/** Makes the secrets, once: what is sealed with a MASTER_KEY opens with no other. */
function keepSecrets(
  machine: Machine,
  { name, upstreamKey, isThere }: { name: string; upstreamKey: string | null; isThere: boolean },
): { secretsFile: string; adminToken: string } {
  const secretsFile = `../${name}.env`;
  const text = machine.read(secretsFile);
  if (text === null && isThere) {
    throw new SetupError(
      `The database ${name} is there already, but ${secretsFile} is not, and with a new MASTER_KEY nothing that is sealed in ` +
        'the database would open. Put the file back, or choose another --name. For a new version of the code alone: npm run deploy.',
    );
  }
  const secrets = completeSecrets(parseSecrets(text ?? ''), upstreamKey);
  const content = secretsText(secrets);
  if (content === text) machine.say(`  ${secretsFile} stays as it is`);
  else machine.write(secretsFile, content, Object.keys(secrets).join(', '));
  return { secretsFile, adminToken: secrets['ADMIN_TOKEN'] ?? '' };
}

/** A new address takes a while to be known everywhere. */
async function waitUntilHealthy(machine: Machine, url: string): Promise<void> {
  let answer = 'no answer';
  for (let tries = 0; tries < HEALTH_TRIES; tries++) {
    if (tries > 0) await machine.sleep(HEALTH_PAUSE_MS);
    try {
      const response = await machine.fetch(`${url}/healthz`);
      if (response.ok) return;
      answer = `${response.status} ${await response.text()}`;
    } catch (error) {
      answer = String(error);
    }
  }
  throw new SetupError(`${url}/healthz does not answer 200 yet, but: ${answer}. Run this again in a minute.`);
}

async function makeClient(
  machine: Machine,
  { url, adminToken, name }: { url: string; adminToken: string; name: string },
): Promise<Deployed['client']> {
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
  const ask = async (init: RequestInit): Promise<unknown> => {
    const response = await machine.fetch(`${url}/admin/clients`, { headers, ...init });
    const text = await response.text();
    if (!response.ok) throw new SetupError(`/admin/clients answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  const { data } = clientsShape.parse(await ask({}));
  if (data.some((client) => client.name === name)) return null;
  return clientShape.parse(await ask({ method: 'POST', body: JSON.stringify({ name }) }));
}

import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { ConfigError, readConfig } from '../../src/config.ts';
import { ROOT } from '../worker.ts';
import { deployedUrl } from './cloudflare.ts';
import { closingWords } from './closing.ts';
import type { Finished, Machine } from './machine.ts';
import { checked, readFlags } from './options.ts';
import { parseSecrets } from './secrets-file.ts';
import { setUp, update } from './steps.ts';
import { readDeployment, withDeployment } from './wrangler-toml.ts';

const ADDRESS = 'https://mine.somebody.workers.dev';
const TOML = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
const FREE = { name: 'ringback', subrequestBudget: '45', subrequestLimit: null };
const ANSWERS = { name: 'mine', plan: 'paid', upstreamKey: 'sk-x', client: 'zapier', results: 'no' } as const;

const json = (value: unknown): Finished => ({ isOk: true, stdout: JSON.stringify(value) });

/** An account at Cloudflare as far as the setup sees it, and a disk. */
class Account implements Machine {
  readonly ran: string[] = [];
  readonly files = new Map([['wrangler.toml', TOML]]);
  readonly databases: string[] = [];
  readonly buckets: string[] = [];
  readonly clients: { name: string }[] = [];
  isSignedIn = true;
  accounts = [{ id: 'a1', name: 'Mine' }];
  /** The command that fails. */
  breaksAt = '';
  said = '';
  unhealthyFor = 2;

  say(text: string): void {
    this.said += `${text}\n`;
  }

  async wrangler(
    args: readonly string[],
    { env = {} }: { env?: Record<string, string> } = {},
  ): Promise<Finished> {
    const command = args.join(' ');
    this.ran.push(command);
    if (this.breaksAt !== '' && command.startsWith(this.breaksAt)) return { isOk: false, stdout: '' };
    if (command === 'whoami --json') return { ...json({ accounts: this.accounts }), isOk: this.isSignedIn };
    if (command === 'd1 list --json') return json(this.databases.map((name) => ({ name })));
    if (command.startsWith('d1 create ')) this.databases.push(args[2] ?? '');
    if (command.startsWith('r2 bucket info ') && this.buckets.includes(args[3] ?? ''))
      return json({ name: args[3] });
    if (command.startsWith('r2 bucket create ')) this.buckets.push(args[3] ?? '');
    const told = env['WRANGLER_OUTPUT_FILE_PATH'];
    if (told !== undefined) writeFileSync(told, JSON.stringify({ type: 'deploy', targets: [ADDRESS] }));
    return { isOk: true, stdout: '' };
  }

  read(path: string): string | null {
    return this.files.get(path) ?? null;
  }

  write(path: string, content: string): void {
    this.files.set(path, content);
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    if (url.endsWith('/healthz')) return new Response('', { status: this.unhealthyFor-- > 0 ? 503 : 200 });
    const { ADMIN_TOKEN } = parseSecrets(this.read('../mine.env') ?? '');
    if (new Headers(init.headers).get('authorization') !== `Bearer ${ADMIN_TOKEN}`)
      return new Response('', { status: 401 });
    if (init.method !== 'POST') return Response.json({ data: this.clients });
    this.clients.push(JSON.parse(await new Response(init.body).text()));
    return Response.json({ key: 'rb_new', signing_secret: 'whsec_new' }, { status: 201 });
  }

  async sleep(): Promise<void> {}
}

describe('a first setup', () => {
  it('makes secrets, database, tables, Worker and client, in this order', async () => {
    const account = new Account();
    const deployed = await setUp(account, ANSWERS);
    expect(account.ran).toEqual([
      'whoami --json',
      'd1 list --json',
      'd1 create mine --no-update-config',
      'd1 migrations apply DB --remote',
      'deploy --secrets-file ../mine.env',
    ]);
    expect(deployed).toEqual({
      url: ADDRESS,
      secretsFile: '../mine.env',
      client: { key: 'rb_new', signing_secret: 'whsec_new' },
    });
    const secrets = parseSecrets(account.read('../mine.env') ?? '');
    expect(secrets).toMatchObject({ UPSTREAM_API_KEY: 'sk-x' });
    expect(readConfig(secrets)).toMatchObject({ upstreamApiKey: 'sk-x' });
    const settings = { name: 'mine', database: 'mine', subrequestBudget: '9000' };
    expect(readDeployment(account.read('wrangler.toml') ?? '')).toEqual(settings);
    expect(closingWords(deployed, ANSWERS)).toContain(
      `curl ${ADDRESS}/v1/tasks -H "Authorization: Bearer rb_new"`,
    );
  });

  it('makes a bucket for results where they are to be kept, once, and binds it', async () => {
    const account = new Account();
    await setUp(account, { ...ANSWERS, results: 'yes' });
    await setUp(account, { ...ANSWERS, results: 'yes' });
    expect(account.buckets).toEqual(['mine-results']);
    expect(account.read('wrangler.toml')).toContain(
      '\n[[r2_buckets]]\nbinding = "RESULTS"\nbucket_name = "mine-results"\n',
    );
  });

  it('goes on without a bucket where R2 is not switched on, and says how that is done', async () => {
    const account = new Account();
    account.breaksAt = 'r2 bucket';
    const deployed = await setUp(account, { ...ANSWERS, results: 'yes' });
    expect(deployed.url).toBe(ADDRESS);
    expect(account.said).toContain('R2 has to be switched on');
    expect(account.read('wrangler.toml')).toContain('\n# [[r2_buckets]]\n');
  });

  it('says at its end what the Free plan may end, and nothing of it on the Paid one', async () => {
    const deployed = await setUp(new Account(), { ...ANSWERS, plan: 'free' });
    expect(closingWords(deployed, { ...ANSWERS, plan: 'free' })).toMatch(
      /Free plan a run has 10 ms.*callbacks come late/s,
    );
    expect(closingWords(deployed, ANSWERS)).not.toContain('Free');
  });

  it('stops with what to do where wrangler is not signed in, and has changed nothing', async () => {
    const account = new Account();
    account.isSignedIn = false;
    await expect(setUp(account, ANSWERS)).rejects.toThrow('Run `npx wrangler login`');
    expect(account.files).toEqual(new Map([['wrangler.toml', TOML]]));
  });

  it('asks which of several accounts is meant', async () => {
    const account = new Account();
    account.accounts = [...account.accounts, { id: 'b2', name: 'Work' }];
    await expect(setUp(account, ANSWERS)).rejects.toThrow(
      /CLOUDFLARE_ACCOUNT_ID.*\n {2}a1 {2}Mine\n {2}b2 {2}Work/,
    );
  });

  it('does not begin over a database whose master key is not at hand', async () => {
    const account = new Account();
    account.databases.push('mine');
    await expect(setUp(account, ANSWERS)).rejects.toThrow(
      'nothing that is sealed in the database would open',
    );
    expect(account.files.has('../mine.env')).toBe(false);
  });
});

describe('a setup that is run again', () => {
  it.each(['d1 create', 'd1 migrations', 'deploy'])('goes on after "wrangler %s" failed', async (command) => {
    const account = new Account();
    account.breaksAt = command;
    await expect(setUp(account, ANSWERS)).rejects.toThrow('Run this again');
    const secrets = account.read('../mine.env');
    account.breaksAt = '';
    expect((await setUp(account, ANSWERS)).client?.key).toBe('rb_new');
    expect(account.read('../mine.env')).toBe(secrets);
    expect(account.databases).toEqual(['mine']);
  });

  it('changes no secret and makes no second client', async () => {
    const account = new Account();
    await setUp(account, ANSWERS);
    const files = new Map(account.files);
    const again = await setUp(account, { ...ANSWERS, upstreamKey: null });
    expect(again.client).toBeNull();
    expect(account.files).toEqual(files);
    expect(closingWords(again, ANSWERS)).toContain('The client "zapier" was there already');
  });

  it('takes a new upstream key', async () => {
    const account = new Account();
    await setUp(account, ANSWERS);
    const { UPSTREAM_API_KEY: _, ...others } = parseSecrets(account.read('../mine.env') ?? '');
    await setUp(account, { ...ANSWERS, upstreamKey: 'sk-y' });
    expect(parseSecrets(account.read('../mine.env') ?? '')).toEqual({ ...others, UPSTREAM_API_KEY: 'sk-y' });
  });
});

describe('npm run deploy', () => {
  it('applies the migrations, then uploads; and makes the database where there is none', async () => {
    const account = new Account();
    const looks = 'r2 bucket info ringback-results --json';
    const once = ['d1 list --json', 'd1 migrations apply DB --remote', looks, 'deploy'];
    await update(account);
    expect(account.ran).toEqual([once[0], 'd1 create ringback --no-update-config', ...once.slice(1)]);
    account.ran.length = 0;
    await update(account);
    expect(account.ran).toEqual(once);
    expect(account.said).toContain('There is no bucket ringback-results');
    expect(account.read('wrangler.toml')).toBe(TOML);
  });

  it('binds the bucket for results where the account has one, as who made it wants', async () => {
    const account = new Account();
    account.buckets.push('ringback-results');
    await update(account);
    expect(account.read('wrangler.toml')).toContain(
      '\n[[r2_buckets]]\nbinding = "RESULTS"\nbucket_name = "ringback-results"\n',
    );
    account.ran.length = 0;
    await update(account);
    expect(account.ran).not.toContain('r2 bucket info ringback-results --json');
  });

  it('goes on without one where R2 is not switched on', async () => {
    const account = new Account();
    account.breaksAt = 'r2 bucket info';
    await update(account);
    expect(account.ran.at(-1)).toBe('deploy');
  });
});

describe('npm run setup -- --dry-run', () => {
  it('prints each command of a first setup, and changes nothing', async () => {
    const args = [
      'scripts/setup.ts',
      '--dry-run',
      '--name',
      'dry-run-of-a-test',
      '--upstream-key',
      'sk-not-to-be-shown',
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const commands = Array.from(stdout.matchAll(/\$ (npx wrangler .*)/g), ([, command]) => command);
    expect(commands).toEqual([
      'npx wrangler whoami --json',
      'npx wrangler d1 list --json',
      'npx wrangler d1 create dry-run-of-a-test --no-update-config',
      'npx wrangler d1 migrations apply DB --remote',
      'npx wrangler deploy --secrets-file ../dry-run-of-a-test.env',
    ]);
    expect(stdout).not.toContain('sk-not-to-be-shown');
    expect(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')).toBe(TOML);
    expect(existsSync(join(ROOT, '..', 'dry-run-of-a-test.env'))).toBe(false);
  });
});

describe('what a person enters', () => {
  it.each([
    [{ name: 'Mine' }, 'small letters'],
    [{ plan: 'pro' }, 'free or paid'],
    [{ upstreamKey: 'sk x' }, 'look whether all was copied'],
    [{ client: '' }, 'needs a name'],
    [{ results: 'maybe' }, 'yes or no'],
  ])('%j is refused in words', (wrong, words) => {
    expect(() => checked({ ...ANSWERS, ...wrong })).toThrow(words);
  });

  it('is refused with the list of flags where a flag is misspelt', () => {
    expect(() => readFlags(['--plann', 'free'])).toThrow(/--plan free\|paid/);
  });

  it.each(['--dryrun', '--dry_run', '--plann', '--Plan', '-d'])(
    'is refused by name where it is %s',
    (flag) => {
      expect(() => readFlags([flag])).toThrow(`'${flag}'`);
    },
  );

  it.each([
    ['--dry-run', 'dry-run'],
    ['--name=mine', 'name'],
    ['--upstream-key=sk-x', 'upstream-key'],
    ['--client=first', 'client'],
  ])('is not lost where npm took %s for itself: nothing is done', async (flag, name) => {
    const words = `npm took --${name} for itself. Put -- before the flags: npm run setup -- --${name}`;
    const ran = promisify(execFile)('npm', ['run', 'setup', flag], { cwd: ROOT });
    await expect(ran).rejects.toMatchObject({
      code: 1,
      stdout: expect.not.stringContaining('wrangler signed in'),
      stderr: expect.stringContaining(words),
    });
  });

  it.each([
    ['{"type":"deploy","targets":["https://a.b.workers.dev"]}', 'https://a.b.workers.dev'],
    [
      '{"type":"x"}\n{"type":"deploy","targets":["schedule: * * * * *","a.b.workers.dev"]}',
      'https://a.b.workers.dev',
    ],
    ['{"type":"deploy","targets":["relay.example.com (custom domain)"]}', 'https://relay.example.com'],
    ['{"type":"deploy","targets":["schedule: * * * * *"]}', null],
    ['', null],
  ])('the address is found in what wrangler tells: %s', (ndjson, url) => {
    expect(deployedUrl(ndjson)).toBe(url);
  });

  it('goes into wrangler.toml, and nothing else there changes', () => {
    const paid = { name: 'mine', subrequestBudget: '9000', subrequestLimit: 10_000 };
    const changed = withDeployment(TOML, paid);
    const back = withDeployment(changed, FREE);
    expect([readDeployment(changed).name, back]).toEqual(['mine', TOML]);
    expect(withDeployment(changed, paid)).toBe(changed);
  });

  it('names the queue after the deployment, for who sends and who receives', () => {
    const changed = withDeployment(TOML, { ...FREE, name: 'mine' });
    expect(changed.match(/^queue = "mine-wake-ups"$/gm)).toHaveLength(2);
    expect(changed).not.toContain('ringback-wake-ups');
  });
});

describe('[limits] in wrangler.toml', () => {
  it('stand there for the Paid plan alone: the Free one refuses a deploy with them', () => {
    const paid = withDeployment(TOML, { ...FREE, subrequestLimit: 10_000 });
    expect(TOML).not.toMatch(/^\[limits\]/m);
    expect(paid).toMatch(/^\[limits\]\nsubrequests = 10000$/m);
    expect(withDeployment(paid, FREE)).toBe(TOML);
  });

  const byHand = `${TOML}\n[limits]\ncpu_ms = 60000\n`;

  it('stay as they are where somebody wrote them by hand', () => {
    expect(withDeployment(byHand, { ...FREE, subrequestLimit: 10_000 })).toBe(byHand);
  });

  it('are refused in words on the Free plan', () => {
    expect(() => withDeployment(byHand, FREE)).toThrow('error 100328');
  });
});

describe('the button', () => {
  const example = parseSecrets(readFileSync(join(ROOT, '.dev.vars.example'), 'utf8'));

  it('asks for each secret, with words for each', () => {
    expect(Object.keys(example)).toEqual(['ADMIN_TOKEN', 'MASTER_KEY', 'UPSTREAM_API_KEY']);
    expect(Object.keys(manifest.cloudflare.bindings)).toEqual(expect.arrayContaining(Object.keys(example)));
    for (const name of Object.keys(manifest.cloudflare.bindings))
      expect(TOML + Object.keys(example).join()).toContain(name);
  });

  it('does not get by with the placeholders', () => {
    expect(() => readConfig(example)).toThrow(ConfigError);
    expect(() => readConfig({ ...example, MASTER_KEY: btoa('k'.repeat(32)) })).toThrow(/ADMIN_TOKEN/);
    expect(() => readConfig({ ...example, ADMIN_TOKEN: 'a'.repeat(24) })).toThrow(/MASTER_KEY/);
  });
});

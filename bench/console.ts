/**
 * What the console costs with 50 clients and 100,000 tasks of 30 days: CPU of the whole of workerd for each page (D1's too), and rows
 * that it reads; of the operator's, and of a client's. Each page is asked for anew and then five times, 10 s apart, as a page that is open
 * asks for itself. Exits with 1 where a page takes more CPU or reads more rows than docs/scale.md says.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSecrets } from '../scripts/secrets.ts';
import { bundle } from './arena/bundle.ts';
import { migrate } from './arena/migrate.ts';
import { COMPATIBILITY_DATE, startWorkerd } from './arena/runtime.ts';
import { usageOf } from './arena/usage.ts';
import { aligned } from './figures.ts';
import type { PageAnswer } from './workers/shapes.ts';

const LOOKS = 5;
const MOST_CPU_MS = 200;
const MOST_ROWS = 1_000;
/** What no index serves, and hardly any task has: a page looks at 5,000 tasks and their callbacks, and finds where the next begins. */
const RARE = 20_000;
/** A scrape counts what is in hand, and callbacks that were given up. */
const IN_HAND = 3_000;

interface Asked {
  readonly path: string;
  readonly as?: 'client';
  /** What it may read, where that is more than others may. */
  readonly most?: number;
}

const CLIENT = 'client_00000000000000000000000001';
const MODEL = 'seedance-2.0-reference-to-video';
const STATES = ['queued', 'running', 'succeeded', 'failed', 'canceled'];
const CALLBACKS = ['waiting', 'pending', 'delivered', 'failed'];
const DAYS = [7, 30, 90, 400];

/** `{task}` is one that has ended. */
const PAGES: readonly Asked[] = [
  { path: '/console' },
  { path: '/console?span=7d' },
  { path: '/console/tasks' },
  { path: `/console/tasks?client=${CLIENT}` },
  ...STATES.map((state) => ({ path: `/console/tasks?state=${state}` })),
  ...CALLBACKS.map((callback) => ({ path: `/console/tasks?callback=${callback}` })),
  { path: `/console/tasks?model=${MODEL}` },
  { path: '/console/tasks?model=seedance-2.0-fast-text-to-video', most: RARE },
  { path: '/console/tasks?host=hooks-1-0.example.com', most: RARE },
  { path: '/console/tasks?since=2026-11-20T00:00&until=2026-11-21T00:00' },
  { path: '/console/tasks?q=order-5' },
  { path: '/console/tasks?q=no-such-order', most: RARE },
  { path: '/console/tasks/{task}' },
  ...DAYS.map((days) => ({ path: `/console/usage?days=${days}` })),
  { path: `/console/usage?days=400&client=${CLIENT}` },
  { path: '/console/clients' },
  { path: `/console/clients/${CLIENT}` },
  { path: '/console/models' },
  { path: '/console/new-model' },
  { path: '/console/audit' },
  { path: '/console/subscriptions' },
  { path: '/console/try' },
  { path: '/admin/metrics', most: IN_HAND },
  { path: '/console', as: 'client' },
  { path: '/console?span=7d', as: 'client' },
  { path: '/console/tasks', as: 'client' },
  { path: '/console/tasks?state=failed', as: 'client' },
  { path: '/console/tasks?callback=failed', as: 'client' },
  { path: `/console/tasks?model=${MODEL}`, as: 'client' },
  { path: '/console/usage?days=400', as: 'client' },
  { path: '/console/subscriptions', as: 'client' },
  { path: '/console/try', as: 'client' },
];

interface Row {
  readonly page: string;
  readonly most: number;
  readonly cpuMs: number;
  readonly first: number;
  readonly mean: number;
  /** What the first look read, by kind of statement, most first. */
  readonly statements: PageAnswer['statements'];
}

const secrets = generateSecrets();
const { miniflare, pid, stop } = await startWorkerd({
  modules: true,
  script: await bundle('bench/workers/console.ts'),
  compatibilityDate: COMPATIBILITY_DATE,
  d1Databases: { DB: 'console' },
  ratelimits: {
    CLIENT_RATE: { namespace_id: '1001', simple: { limit: 1_000_000, period: 10 } },
    SIGN_IN_FAILURES: { namespace_id: '1002', simple: { limit: 120, period: 60 } },
  },
  bindings: { ...secrets, UPSTREAM_API_KEY: 'sk-bench', SEARCH_METADATA_KEY: 'order' },
});
await migrate(miniflare);
await ask('/fill');
const rows: Row[] = [];
for (const page of PAGES) rows.push(await measure(page));
await stop();
process.stdout.write(
  `${aligned([
    ['page', 'CPU a look', 'rows read at first', 'rows a look'],
    ...rows.map(({ page, cpuMs, first, mean }) => [
      page,
      `${cpuMs.toFixed(0)} ms`,
      first.toLocaleString('en'),
      Math.round(mean).toLocaleString('en'),
    ]),
  ])}\n\n`,
);
const broken = rows.filter(({ cpuMs, mean, most }) => !(cpuMs <= MOST_CPU_MS && mean <= most));
for (const { page, statements } of broken)
  process.stdout.write(
    `BROKEN ${page}: ${statements.map(({ kind, read }) => `${kind} ${read.toLocaleString('en')}`).join(', ')}\n`,
  );
if (broken.length === 0)
  process.stdout.write(
    `holds  No page takes more than ${MOST_CPU_MS} ms of CPU, and none reads more than ${MOST_ROWS} rows a look but a search for what is rare and has no index.\n`,
  );
process.exit(broken.length === 0 ? 0 : 1);

async function measure({ path, as, most = MOST_ROWS }: Asked): Promise<Row> {
  const viewer = as ?? 'operator';
  const address = `${path}${path.includes('?') ? '&' : '?'}as=${viewer}`;
  const { read: first, statements } = await ask(address);
  // CPU is told by the hundredth of a second.
  const before = usageOf(pid)?.cpuSeconds ?? NaN;
  let read = first;
  for (let i = 0; i < LOOKS; i++) read += (await ask(`${address}&later`)).read;
  await sleep(50);
  const cpuMs = (((usageOf(pid)?.cpuSeconds ?? NaN) - before) * 1_000) / LOOKS;
  const page = as === undefined ? path.replaceAll(CLIENT, '{client}') : `${path}, of a client`;
  return {
    page,
    most,
    cpuMs,
    first,
    mean: read / (LOOKS + 1),
    statements: statements.filter((one) => one.read > 0).toSorted((a, b) => b.read - a.read),
  };
}

async function ask(path: string): Promise<PageAnswer> {
  const response = await miniflare.dispatchFetch(`http://127.0.0.1${path}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${text.slice(0, 500)}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own Worker's answer
  return JSON.parse(text) as PageAnswer;
}

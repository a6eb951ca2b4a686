/**
 * What the console costs with 50 clients and 100,000 tasks of 30 days: CPU of the whole of workerd for each page (D1's too), and rows
 * that it reads. Each page is asked for anew and then five times, 10 s apart, as a page that is open asks for itself. Exits with 1
 * where a page takes more CPU or reads more rows than docs/scale.md says.
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
/** Pages, and those that may read more: usage, two for each row that it sums; and charts, which are kept for up to ten minutes. */
const PAGES: readonly { readonly path: string; readonly most?: number }[] = [
  { path: '/console', most: 3_000 },
  { path: '/console?span=7d', most: 12_000 },
  { path: '/console/tasks' },
  { path: '/console/tasks?q=order-5' },
  { path: '/console/usage', most: 2_500 },
  { path: '/console/usage?days=30', most: 8_000 },
  { path: '/console/clients' },
  { path: '/console/models' },
  { path: '/console/audit' },
  { path: '/console/try' },
  { path: '/admin/metrics' },
];

interface Row {
  readonly path: string;
  readonly most: number;
  readonly cpuMs: number;
  readonly first: number;
  readonly mean: number;
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
for (const { path, most = MOST_ROWS } of PAGES) rows.push({ most, ...(await measure(path)) });
await stop();
process.stdout.write(
  `${aligned([
    ['page', 'CPU a look', 'rows read at first', 'rows a look'],
    ...rows.map(({ path, cpuMs, first, mean }) => [
      path,
      `${cpuMs.toFixed(0)} ms`,
      first.toLocaleString('en'),
      Math.round(mean).toLocaleString('en'),
    ]),
  ])}\n\n`,
);
const tooMuch = rows.filter(({ cpuMs, mean, most }) => cpuMs > MOST_CPU_MS || mean > most);
process.stdout.write(
  tooMuch.length === 0
    ? `holds  No page takes more than ${MOST_CPU_MS} ms of CPU or reads more rows a look than it may: ${MOST_ROWS}, but charts and months.\n`
    : `BROKEN ${tooMuch.map(({ path }) => path).join(', ')}\n`,
);
process.exit(tooMuch.length === 0 ? 0 : 1);

async function measure(path: string): Promise<Omit<Row, 'most'>> {
  const [first] = [await ask(path)];
  // CPU is told by the hundredth of a second.
  const before = usageOf(pid)?.cpuSeconds ?? NaN;
  let read = 0;
  for (let i = 0; i < LOOKS; i++) read += (await ask(`${path}${path.includes('?') ? '&' : '?'}later`)).read;
  await sleep(50);
  const cpuMs = (((usageOf(pid)?.cpuSeconds ?? NaN) - before) * 1_000) / LOOKS;
  return { path, cpuMs, first: first?.read ?? NaN, mean: ((first?.read ?? NaN) + read) / (LOOKS + 1) };
}

async function ask(path: string): Promise<PageAnswer> {
  const response = await miniflare.dispatchFetch(`http://127.0.0.1${path}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${text.slice(0, 500)}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own Worker's answer
  return JSON.parse(text) as PageAnswer;
}

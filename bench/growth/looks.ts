import { total } from '../arena/bill.ts';
import { measureLook } from '../arena/cost-worker.ts';
import { aligned } from '../figures.ts';
import type { StockRequest } from '../workers/shapes.ts';

const NOTHING: StockRequest = {
  running: 0,
  isDue: false,
  queued: 0,
  pending: 0,
  receiver: 'well',
  clients: 10,
  held: 0,
};
const MANY = 10_000;
/** More than the key's slots: whoever waits waits for them. */
const FULL = 600;

/** What may stand there, and how many rows a look at it may read. */
const STOCKS: readonly { readonly name: string; readonly stock: StockRequest; readonly most: number }[] = [
  { name: 'nothing', stock: NOTHING, most: 100 },
  { name: '10,000 that run, none due', stock: { ...NOTHING, running: MANY }, most: 400 },
  { name: '10,000 that run, all due', stock: { ...NOTHING, running: MANY, isDue: true }, most: 6_000 },
  { name: '10,000 queued, no free slot', stock: { ...NOTHING, running: FULL, queued: MANY }, most: 2_000 },
  { name: '10,000 for a dead host', stock: { ...NOTHING, pending: MANY, receiver: 'dead' }, most: 400 },
  {
    name: '10,000 for one that answers 500',
    stock: { ...NOTHING, pending: MANY, receiver: 'failing' },
    most: 600,
  },
  {
    name: '10,000 of each',
    stock: { ...NOTHING, running: MANY, queued: MANY, pending: MANY, receiver: 'dead' },
    most: 3_000,
  },
  {
    name: '10,000 of each, of 1,000 clients',
    stock: { ...NOTHING, running: MANY, queued: MANY, pending: MANY, receiver: 'dead', clients: 1_000 },
    most: 30_000,
  },
];

/** What a look at what is due reads, by what stands there; and those that read more than they may, in words. */
export async function measureLooks(): Promise<{ table: string; failures: string[] }> {
  const rows: string[][] = [['one look, 10 clients', 'rows read', 'took']];
  const failures: string[] = [];
  for (const { name, stock, most } of STOCKS) {
    const { counts, tookMs } = await measureLook(stock);
    const { read } = total(counts);
    rows.push([name, read.toLocaleString('en'), `${tookMs.toFixed(0)} ms`]);
    if (read > most) failures.push(`${name}: ${read} rows, of ${most}`);
  }
  return { table: aligned(rows), failures };
}

/**
 * How often one cron invocation asks D1, beside what it may: a minute in which 400 tasks end on the Paid plan, one in which
 * 2,000 do, ten minutes with three tasks at a time on the Free plan, and idle ones. In workerd over a real D1, on a clock that
 * jumps. Exits with 1 where it is more, or callbacks are lost or late.
 */
import { measureMinutes } from './arena/cost-worker.ts';
import { AN_INVOCATION } from './arena/prices.ts';
import { percentile } from './figures.ts';
import type { MinutesRequest } from './workers/shapes.ts';

interface Load extends MinutesRequest {
  readonly name: string;
  /** Requests to D1 in one invocation: what docs/limits.md promises, or the platform's own limit. */
  readonly allowed: number;
  readonly maxLateMs: number;
}

/** The second is limited by its fetches: each task is polled less often. */
const FULL = [
  { count: 400, maxLateMs: 10_000 },
  { count: 2_000, maxLateMs: 25_000 },
];
/** However many tasks end: the requests follow from time. */
const MOST_PAID = 120;
const MOST_IDLE = 6;
const THREE_AT_A_TIME = 20;
const LOADS: Load[] = [
  ...FULL.map(({ count, maxLateMs }) => ({
    name: `Paid: ${count.toLocaleString('en')} tasks of one client end within 40 s`,
    budget: '9000',
    allowed: MOST_PAID,
    maxLateMs,
    minutes: 1,
    tasks: Array.from({ length: count }, (_, row) => ({ atMs: 0, seconds: 5 + (row * 40) / count })),
  })),
  {
    name: 'Free: tasks of 75 to 105 s, one each 30 s, for ten minutes',
    budget: '45',
    allowed: AN_INVOCATION.free.d1Requests,
    maxLateMs: 20_000,
    minutes: 12,
    tasks: Array.from({ length: THREE_AT_A_TIME }, (_, row) => ({
      atMs: row * 30_000,
      seconds: 75 + ((row * 13) % 31),
    })),
  },
  {
    name: 'Free: nothing to do',
    budget: '45',
    allowed: MOST_IDLE,
    maxLateMs: 0,
    minutes: 2,
    tasks: [],
  },
];

const verdicts: boolean[] = [];
for (const { name, allowed, maxLateMs, ...load } of LOADS) {
  const { mostTrips, lateMs } = await measureMinutes(load);
  const late = [0.5, 0.95, 1].map((share) => `${(percentile(lateMs, share) / 1_000).toFixed(1)} s`);
  const holds =
    mostTrips <= allowed && lateMs.length === load.tasks.length && lateMs.every((ms) => ms <= maxLateMs);
  verdicts.push(holds);
  print(
    `${holds ? 'holds' : 'BROKEN'}  ${name}: at most ${mostTrips} requests to D1 in one invocation, of ${allowed};` +
      ` ${lateMs.length} of ${load.tasks.length} callbacks` +
      (lateMs.length === 0 ? '' : `, late by ${late.join(', ')} (p50, p95, all)`),
  );
}
process.exit(verdicts.every(Boolean) ? 0 : 1);

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

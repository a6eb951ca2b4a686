import { lognormal, seededRandom } from '../../sandbox/upstream/random.ts';
import type { Work } from './run.ts';

const MEDIAN_SECONDS = 15;
const SPREAD = 0.4;
/** Local emulation of D1 and of limits costs some 15 ms of CPU a post: more than this is a test of the emulation. */
const POSTS_PER_SECOND = 40;
const WINDOW_SECONDS = 60;
const FIRST_END_SECONDS = 10;
/** After the last end: what has not come by then is lost. */
const GRACE_MS = 25_000;

/**
 * So many tasks, posted one after the other, the same in each run. Up to 2,000 all end within one minute.
 */
export function workOf(count: number): Work {
  const random = seededRandom(count);
  const tasks = Array.from({ length: count }, (_, index) => {
    const atSeconds = index / POSTS_PER_SECOND;
    const drawn = lognormal(MEDIAN_SECONDS, SPREAD, random);
    return { atMs: atSeconds * 1_000, seconds: within(drawn, atSeconds, count / POSTS_PER_SECOND) };
  });
  const lastEndMs = Math.max(...tasks.map(({ atMs, seconds }) => atMs + seconds * 1_000));
  return { name: `${count.toLocaleString('en')} tasks`, tasks, deadlineMs: lastEndMs + GRACE_MS };
}

const BURST_CALLERS = 200;
const BURST_SECONDS = 10;
const BURST_SPREAD_SECONDS = 2.5;
const BURST_DEADLINE_MS = 150_000;

/** A spreadsheet at once: so many tasks of 10 s ± 2.5 s, posted by 200 callers as fast as they are answered. */
export function burstOf(count: number): Work {
  const random = seededRandom(count);
  const tasks = Array.from({ length: count }, () => ({
    atMs: 0,
    seconds: BURST_SECONDS + BURST_SPREAD_SECONDS * (2 * random() - 1),
  }));
  const name = `burst of ${count.toLocaleString('en')}`;
  return { name, tasks, callers: BURST_CALLERS, deadlineMs: BURST_DEADLINE_MS };
}

/** The ends that are drawn outside of the window are moved to its edge. */
function within(seconds: number, postedAt: number, postedUntil: number): number {
  const lastEnd = Math.max(postedUntil, WINDOW_SECONDS - FIRST_END_SECONDS) + 2 * FIRST_END_SECONDS;
  return Math.min(Math.max(seconds, FIRST_END_SECONDS - postedAt), lastEnd - postedAt);
}

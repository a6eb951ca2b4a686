import { resultUrls } from '../../src/domain/result-urls.ts';
import { hashOf } from '../bucket.ts';
import { bytesOfResult } from '../files.ts';
import type { Send } from '../ledger.ts';
import { firstOf } from '../sight.ts';
import type { Invariant, Sight } from '../sight.ts';

const KEPT = 'https://relay.test/files/';
/** From the poll that saw its end to its telling, where nobody dies at it, and each run goes on until the next. */
const COPIED_WITHIN_MS = 60_000;
/** The cron runs until shortly before the next; where it is set to end earlier, the next is waited for. */
const USUAL_TICK_SECONDS = 55;
const CRON_MS = 60_000;
/** The Free plan's. With less a run ends as soon as it is used up, and the next is waited for. */
const USUAL_BUDGET = 45;
/** Of whoever died at it before the calm. */
const LEASE_MS = 20_000;

interface Told {
  readonly result_urls?: readonly string[];
  readonly source_urls?: readonly string[];
  readonly data?: { readonly resultJson: string | null };
}

export const toldAfterReadable: Invariant = {
  name: 'a kept link is told once its file can be read, byte for byte what upstream had',
  onSend: (sight, send) => {
    if (send.isNotice) return null;
    return firstOf(keptLinksOf(send), (one) => problemOfFile(sight, send.taskId, one));
  },
};

export const copiedInTime: Invariant = {
  name: 'a task whose files are copied is told within a minute, once nothing goes wrong any more',
  inTheCalm: ({ rows, relayNow, trueNow, calmSince, toleranceMs, plan }) =>
    firstOf(rows.values(), ({ id, keeping, completed_at: completedAt }) => {
      if (keeping === null || completedAt !== null || calmSince === null) return null;
      const { since } = JSON.parse(keeping) as { since: number };
      const calmMs = trueNow - calmSince;
      const waitedMs = relayNow - since - toleranceMs;
      const isSeenInCalm = waitedMs < calmMs;
      const isTickLong = Number(plan.vars['TICK_SECONDS']) >= USUAL_TICK_SECONDS;
      const isBudgetUsual = plan.subrequestBudget >= USUAL_BUDGET;
      const pauseMs = isSeenInCalm && isTickLong && isBudgetUsual ? 0 : CRON_MS;
      const most = isSeenInCalm ? COPIED_WITHIN_MS : LEASE_MS;
      return (isSeenInCalm ? waitedMs : calmMs) > most + pauseMs
        ? `the files of ${id} are copied since ${since}, now ${relayNow}`
        : null;
    }),
};

export const filesFitTasks: Invariant = {
  name: 'after maintenance each file belongs to a task, and each kept file is there',
  atEnd: ({ rows, bucket }) => {
    if (bucket === null) return null;
    const kept = new Set(
      Array.from(rows.values()).flatMap(({ kept: text }) =>
        (JSON.parse(text ?? '[]') as { path?: string }[]).flatMap(({ path }) => path ?? []),
      ),
    );
    return (
      firstOf(bucket.objects.keys(), (path) => (kept.has(path) ? null : `${path} belongs to no task`)) ??
      firstOf(kept, (path) => (bucket.objects.has(path) ? null : `${path} is told, and not there`))
    );
  },
};

/** Kept links, each with the link that upstream gave, where that is told beside it. */
function keptLinksOf({ body }: Send): readonly { link: string; source: string | null }[] {
  const { result_urls: links, source_urls: sources, data }: Told = JSON.parse(body);
  const all = links ?? resultUrls(data?.resultJson ?? null);
  return all.flatMap((link, nth) =>
    link.startsWith(KEPT) ? [{ link, source: sources?.[nth] ?? null }] : [],
  );
}

function problemOfFile(
  { bucket, ledger }: Sight,
  taskId: string,
  { link, source }: { link: string; source: string | null },
): string | null {
  const path = decodeURIComponent(link.slice(KEPT.length));
  const object = bucket?.objects.get(path);
  if (object === undefined) return `${taskId} is told ${link}, which cannot be read`;
  const own = ledger.charges.find(({ requestId }) => requestId === taskId)?.upstreamTaskId;
  // What is told as upstream's record has no links of upstream's: it is one of the task's files.
  const places = Array.from({ length: Number(path.split('/')[1]) }, (_, nth) => nth + 1);
  const known = places.flatMap((place) => [`result-${place}.mp4`, `result-${place}.png`]);
  const paths = source === null ? known.map((name) => `/files/${own}/${name}`) : [new URL(source).pathname];
  const isSame = paths.some((one) => hashOf(bytesOfResult(one)) === object.hash);
  return isSame ? null : `${link} is not what upstream had`;
}

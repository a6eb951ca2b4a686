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
    return firstOf(keptLinksOf(send), (link) => problemOfFile(sight, send.taskId, link));
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
      const pauseMs = isSeenInCalm && isTickLong ? 0 : CRON_MS;
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

function keptLinksOf({ body }: Send): readonly string[] {
  const { result_urls: links, data }: Told = JSON.parse(body);
  const all = links ?? resultUrls(data?.resultJson ?? null);
  return all.filter((link) => link.startsWith(KEPT));
}

function problemOfFile({ bucket, ledger }: Sight, taskId: string, link: string): string | null {
  const path = decodeURIComponent(link.slice(KEPT.length));
  const object = bucket?.objects.get(path);
  if (object === undefined) return `${taskId} is told ${link}, which cannot be read`;
  const own = ledger.charges.find(({ requestId }) => requestId === taskId)?.upstreamTaskId;
  const place = Number(path.split('/')[1]);
  const endings = ['mp4', 'png'].map((ending) => `/files/${own}/result-${place}.${ending}`);
  const isSame = endings.some((source) => hashOf(bytesOfResult(source)) === object.hash);
  return isSame ? null : `${link} is not what upstream had`;
}

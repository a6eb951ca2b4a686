import { resultUrls } from '../../src/domain/result-urls.ts';
import type { Send } from '../ledger.ts';
import { firstOf } from '../sight.ts';
import type { Invariant, Row, Sight } from '../sight.ts';

/** What a body says of a result, in either format. */
interface Told {
  readonly type?: string;
  readonly result_url?: string | null;
  readonly completed_at?: string;
  readonly data?: {
    readonly state: string;
    readonly resultJson: string | null;
    readonly completeTime: number;
  };
}

export const successHasItsOwnLink: Invariant = {
  name: 'a success has a link, to the result of its own task and of no other',
  onSend: (sight, send) => {
    if (send.isNotice) return null;
    const { type, result_url: url, data }: Told = JSON.parse(send.body);
    if (type !== 'task.succeeded' && data?.state !== 'success') return null;
    const links = data === undefined ? [url ?? ''] : resultUrls(data.resultJson);
    // Kept files have an invariant of their own.
    const kept = `https://relay.test/files/${send.taskId}/`;
    const others = links.filter((link) => !link.startsWith(kept));
    return links.length > 0 && others.length === 0 ? null : problemOfLinks(sight, send.taskId, others);
  },
  atEnd: (sight) =>
    firstOf(sight.rows.values(), (row) =>
      row.state === 'succeeded' ? problemOfLinks(sight, row.id, resultUrls(row.result_json)) : null,
    ),
};

export const endsArePossible: Invariant = {
  name: 'no callback tells of an end before its task or in the future',
  onSend: ({ rows, toleranceMs }, send) => {
    const row = rows.get(send.taskId);
    const at = send.isNotice ? null : endIn(send);
    if (row === undefined || at === null) return null;
    const isPossible = at >= row.created_at - toleranceMs && at <= send.relayAt + toleranceMs;
    return isPossible ? null : `${send.taskId} is told to have ended at ${at}, now ${send.relayAt}`;
  },
};

export const idsAreOfOneTask: Invariant = {
  name: 'no two tasks of an upstream key have the same id there',
  afterStep: ({ rows }) => {
    const owners = new Map<string, Row>();
    return firstOf(rows.values(), (row) => {
      if (row.upstream_task_id === null) return null;
      const name = `${row.account_id} ${row.upstream_task_id}`;
      const other = owners.get(name);
      owners.set(name, row);
      return other === undefined ? null : `${row.id} and ${other.id} are both ${row.upstream_task_id}`;
    });
  },
};

function problemOfLinks({ ledger }: Sight, taskId: string, urls: readonly string[]): string | null {
  const own = ledger.charges.find(({ requestId }) => requestId === taskId)?.upstreamTaskId;
  if (urls.length === 0) return `${taskId} succeeded without a link`;
  const other = urls.find((url) => !url.includes(`/files/${own}/`));
  return other === undefined ? null : `${taskId} was told ${other}, and upstream knows it as ${own}`;
}

function endIn({ body }: Send): number | null {
  const { completed_at: at, data }: Told = JSON.parse(body);
  return data?.completeTime ?? (at === undefined ? null : Date.parse(at));
}

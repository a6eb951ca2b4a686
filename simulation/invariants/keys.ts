import { firstOf, isRunning } from '../sight.ts';
import type { Invariant, KeyRow, Sight } from '../sight.ts';
import type { Outgoing } from '../network.ts';

/**
 * What was leased before a pause was written, or a limit learned, may still go: polls until the next look, which the Free plan has
 * each 15 s, and submits while their lease lasts.
 */
const POLLS_IN_HAND_MS = 17_000;
const SUBMITS_IN_HAND_MS = 35_000;

/** Since when each row has the lease that it has, on the world's clock. */
class LeaseTimes {
  private readonly leases = new Map<string, { readonly until: number; readonly since: number }>();

  note({ rows, trueNow }: Sight): void {
    for (const { id, leased_until: until } of rows.values())
      if (this.leases.get(id)?.until !== until) this.leases.set(id, { until, since: trueNow });
  }

  sinceOf(id: string): number {
    return this.leases.get(id)?.since ?? -Infinity;
  }
}

/** With what is asked for, and of which key; null for a callback. */
function askedOf(
  { rows, keys }: Sight,
  { url, headers }: Outgoing,
): { key: KeyRow; isSubmit: boolean } | null {
  const taskId = url.searchParams.get('taskId');
  const requestId = headers.get('x-request-id');
  const isSubmit = url.pathname.endsWith('/createTask');
  if (url.host !== 'upstream.test') return null;
  const row = isSubmit
    ? rows.get(requestId ?? '')
    : Array.from(rows.values()).find(({ upstream_task_id: id }) => id === taskId);
  const key = keys.get(row?.account_id ?? '');
  return key === undefined ? null : { key, isSubmit };
}

/** By what stands in D1: all invocations are to know it. A retry with the same key asks by itself. */
export function pausesAreKept(): Invariant {
  const paused = new Map<string, { until: number; since: number }>();
  const leases = new LeaseTimes();
  const note = (sight: Sight): null => {
    leases.note(sight);
    for (const key of sight.keys.values()) {
      for (const [what, until] of Object.entries({
        submits: key.submit_paused_until,
        polls: key.poll_paused_until,
      })) {
        const name = `${key.id} ${what}`;
        if ((paused.get(name)?.until ?? 0) < until) paused.set(name, { until, since: sight.trueNow });
      }
    }
    return null;
  };
  return {
    name: 'a key is not asked before upstream’s 429 is over',
    afterStep: note,
    onFetch: (sight, by, request) => {
      if (!by.name.startsWith('cron')) return null;
      const asked = askedOf(sight, request);
      if (asked === null) return null;
      const name = `${asked.key.id} ${asked.isSubmit ? 'submits' : 'polls'}`;
      const pause = paused.get(name);
      if (pause === undefined) return null;
      const isInHand = asked.isSubmit
        ? leases.sinceOf(request.headers.get('x-request-id') ?? '') <= pause.since
        : sight.trueNow - pause.since < POLLS_IN_HAND_MS;
      if (isInHand) return null;
      const early = pause.until - sight.relayNow - sight.toleranceMs;
      return early <= 0
        ? null
        : `${by.name} asks ${request.url.pathname} ${early} ms before ${name} may go on`;
    },
  };
}

const MINUTE_MS = 60_000;

/** Whether somebody may have died on a submit whose lease is not over yet. */
function mayBeLeft({ ledger, calmSince, trueNow }: Sight): boolean {
  return ledger.counts.deaths > 0 && (calmSince === null || trueNow - calmSince < 2 * MINUTE_MS);
}

/** Between a refusal that everybody knows of and the next try whether the limit has grown. */
export const fullKeysAreLeftAlone: Invariant = {
  name: 'a key is not asked for more than it was learned to take, but for one try a minute',
  onFetch: (sight, by, request) => {
    const { rows, abandoned, relayNow, toleranceMs } = sight;
    const asked = by.name.startsWith('cron') ? askedOf(sight, request) : null;
    const row = rows.get(request.headers.get('x-request-id') ?? '');
    // What upstream failed is asked for again by its own clock, and what somebody died on as soon as that is known.
    const reason = row?.queue_reason ?? null;
    const isFromQueue = reason !== null && reason !== 'failing';
    if (asked === null || !asked.isSubmit || !isFromQueue || mayBeLeft(sight)) return null;
    const { id, active_limit: limit, refused_at: refusedAt, failing_until: failingUntil } = asked.key;
    const age = relayNow - (refusedAt ?? 0);
    if (limit === null || failingUntil > 0) return null;
    if (age < SUBMITS_IN_HAND_MS + toleranceMs || age > MINUTE_MS - toleranceMs) return null;
    const running = Array.from(rows.values()).filter(
      (each) => each.account_id === id && isRunning(each),
    ).length;
    const left = abandoned.filter(({ account_id: of, until }) => of === id && until > relayNow).length;
    return running + left < limit
      ? null
      : `${by.name} asks ${id} for more than ${limit}, ${age} ms after its refusal`;
  },
};

/** A key that is full of somebody else's tasks is asked every five seconds; a burst is refused at once. */
const MOST_REFUSALS = 15;

export const limitsAreLearned: Invariant = {
  name: 'what upstream limits is learned, and not asked for over and over',
  inTheCalm: ({ ledger, calmSince, trueNow }) => {
    const since = Math.max(calmSince ?? trueNow, trueNow - MINUTE_MS);
    const lately = ledger.limits.filter(({ at }) => at >= since);
    const groups = Map.groupBy(
      lately,
      ({ authorization, endpoint, code }) => `${endpoint} ${code} ${authorization}`,
    );
    return firstOf(groups, ([name, limits]) =>
      limits.length <= MOST_REFUSALS ? null : `${limits.length} times in a minute: ${name}`,
    );
  },
};

/** Compares each step with the one before. */
export function endsAreCountedOnce(): Invariant {
  let before: Pick<Sight, 'rows' | 'keys'> = { rows: new Map(), keys: new Map() };
  return {
    name: 'an end that frees a slot of a key counts once',
    afterStep: ({ rows, keys }) => {
      const ended = Array.from(rows.values()).filter(
        (row) => !isRunning(row) && isRunning(before.rows.get(row.id) ?? row),
      );
      const words = firstOf(keys.values(), ({ id, ended_since_refusal: count }) => {
        const grown = count - (before.keys.get(id)?.ended_since_refusal ?? 0);
        const most = ended.filter(({ account_id: keyId }) => keyId === id).length;
        return grown <= most ? null : `${most} tasks of ${id} ended, and count as ${grown}`;
      });
      before = { rows, keys };
      return words;
    },
  };
}

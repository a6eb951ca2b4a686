import type { Locked } from '../../engine/seals.ts';
import { risksOf } from '../../http/risks.ts';
import type { Risk } from '../../http/risks.ts';
import type { Services } from '../../http/services.ts';
import { OPERATOR_KEY } from '../../domain/client.ts';
import type { QueueReason } from '../../domain/task.ts';
import type { Figures } from '../../store/overview-figures.ts';
import type { KeptTotals } from '../../store/kept.ts';
import type { OpenBreaker, OpenGroup, RetriedGroup, TroubledSubscription } from '../../store/overview.ts';
import type { RefusedPostOf } from '../../store/refused-posts.ts';
import { scopeOf } from '../env.ts';
import type { Viewer } from '../env.ts';

const HOUR_MS = 3_600_000;

export const SPANS = {
  '24h': { title: '24 hours', bucketMs: HOUR_MS, buckets: 24 },
  '7d': { title: '7 days', bucketMs: 6 * HOUR_MS, buckets: 28 },
} as const;
export type SpanName = keyof typeof SPANS;

export function spanOf(word: string | undefined): SpanName {
  return word === '7d' ? '7d' : '24h';
}

/** What waits and runs with one upstream key. Epoch ms. */
export interface KeyQueue {
  readonly name: string;
  readonly running: number;
  readonly waiting: number;
  readonly oldestWaitingAt: number | null;
  /** Why they wait, by how many; null for those that upstream is asked for at the moment. */
  readonly reasons: readonly { readonly reason: QueueReason | null; readonly count: number }[];
  readonly problem: string | null;
  readonly pausedUntil: number | null;
}

export interface Overview {
  readonly now: number;
  readonly span: SpanName;
  readonly isOperator: boolean;
  readonly figures: Figures;
  readonly queues: readonly KeyQueue[];
  readonly waiting: number;
  readonly running: number;
  /** Callbacks of tasks without an end. */
  readonly callbacksWaiting: number;
  readonly callbacksPending: number;
  /** Callbacks that have not got through yet. */
  readonly retried: readonly RetriedGroup[];
  readonly subscriptions: readonly TroubledSubscription[];
  /** Names of the upstream keys whose credits are used up. */
  readonly exhausted: readonly string[];
  /** Posts that were refused in the last 24 hours, by client and reason; most first. */
  readonly refused: readonly RefusedPostOf[];
  /** The operator's: null for a client. */
  readonly relay: RelayPulse | null;
}

export interface RelayPulse {
  readonly oldestDueAt: number | null;
  readonly tickStartedAt: number | null;
  readonly tickFinishedAt: number | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly breakers: readonly OpenBreaker[];
  /** What all kept files take; null where no bucket is bound. */
  readonly kept: KeptTotals | null;
  /** What of the stored secrets does not open. */
  readonly locked: Locked | null;
  readonly risks: readonly Risk[];
}

/** Who looks, and the name by which Ringback was reached. */
export interface Looker {
  readonly viewer: Viewer;
  readonly host: string;
}

/** Everything that the overview shows, of all clients or of one. */
export async function readOverview(
  services: Services,
  { viewer, host }: Looker,
  span: SpanName,
): Promise<Overview> {
  const now = services.clock.now();
  const { overview, config } = services;
  const clientId = scopeOf(viewer);
  const { bucketMs, buckets } = SPANS[span];
  const [figures, open, pending, queues, refused, relay, subscriptions, exhausted] = await Promise.all([
    overview.figures({ clientId, bucketMs, buckets }, now),
    overview.open(clientId, now, config.taskTimeoutMs),
    overview.pendingCallbacks(clientId, now),
    namesAndPauses(services, viewer, now),
    services.refusals.since(now - 24 * HOUR_MS, clientId),
    viewer.kind === 'operator' ? readPulse(services, host, now) : null,
    overview.troubledSubscriptions(clientId),
    overview.exhaustedKeys(),
  ]);
  return {
    now,
    span,
    isOperator: viewer.kind === 'operator',
    figures,
    queues: queuesOf(open, queues),
    waiting: sum(open.filter(isWaiting), 'count'),
    running: sum(
      open.filter((group) => !isWaiting(group)),
      'count',
    ),
    callbacksWaiting: sum(open, 'withCallback'),
    callbacksPending: pending.count,
    retried: pending.retried,
    subscriptions,
    // A client is told of the keys that it may know: names has no others.
    exhausted: exhausted.flatMap((id) => queues.names.get(id) ?? []),
    refused,
    relay,
  };
}

function sum(groups: readonly OpenGroup[], of: 'count' | 'withCallback'): number {
  return groups.reduce((total, group) => total + group[of], 0);
}

function isWaiting({ state }: OpenGroup): boolean {
  return state !== 'running';
}

interface KeyFacts {
  readonly names: ReadonlyMap<string, string>;
  readonly pauses: ReadonlyMap<string, number>;
}

/** What upstream keys are called, which nobody ever shows: by whose they are. */
async function namesAndPauses(services: Services, viewer: Viewer, now: number): Promise<KeyFacts> {
  const clients = viewer.kind === 'operator' ? await services.stores.clients.list() : [viewer.client];
  const names = new Map([[OPERATOR_KEY, "The operator's key"]]);
  for (const { accountId, name } of clients) {
    if (accountId !== OPERATOR_KEY) names.set(accountId, `The key of ${name}`);
  }
  const paused = await services.overview.pausedKeys(now);
  const pauses = new Map(
    paused.map((key) => [key.accountId, Math.max(key.submitPausedUntil, key.pollPausedUntil)]),
  );
  return { names, pauses };
}

function queuesOf(open: readonly OpenGroup[], { names, pauses }: KeyFacts): KeyQueue[] {
  return [...new Set(open.map(({ accountId }) => accountId))].map((accountId) => {
    const mine = open.filter((group) => group.accountId === accountId);
    const waiting = mine.filter(isWaiting);
    return {
      name: names.get(accountId) ?? 'A key that is no longer in use',
      running: sum(mine, 'count') - sum(waiting, 'count'),
      waiting: sum(waiting, 'count'),
      oldestWaitingAt:
        waiting.length === 0 ? null : Math.min(...waiting.map((group) => group.oldestCreatedAt)),
      reasons: waiting.map((group) => ({ reason: group.queueReason, count: group.count })),
      problem: mine.find((group) => group.problem !== null)?.problem ?? null,
      pausedUntil: pauses.get(accountId) ?? null,
    };
  });
}

async function readPulse(
  { stores, overview, seals, config, files }: Services,
  host: string,
  now: number,
): Promise<RelayPulse> {
  const [pulse, breakers, locked, kept] = await Promise.all([
    stores.pulse.pulse(),
    overview.openBreakers(now),
    seals.look(stores.sealed),
    files === null ? null : stores.kept.totals(),
  ]);
  const counts: Record<string, number> = pulse.counts === null ? {} : JSON.parse(pulse.counts);
  const { oldestDueAt, startedAt, finishedAt } = pulse;
  const risks = risksOf(config, host);
  return {
    oldestDueAt,
    tickStartedAt: startedAt,
    tickFinishedAt: finishedAt,
    counts,
    breakers,
    kept,
    locked,
    risks,
  };
}

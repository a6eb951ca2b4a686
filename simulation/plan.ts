import { OPERATIONS } from './chaos.ts';
import type { Rates } from './chaos.ts';
import { Draw } from './draw.ts';
import { planHost, planIntents } from './plan-intents.ts';
import type { IntentPlan } from './plan-intents.ts';
import { RECEIVER_KINDS } from './receivers.ts';

export interface ClientPlan {
  readonly name: string;
  /** An upstream key of its own, or null: then the operator's. */
  readonly upstreamKey: string | null;
  readonly maxActiveTasks: number | null;
  readonly failureUrl: string | null;
}

/** A standing address of a client; in ms from the start of a seed. */
export interface SubscriptionPlan {
  /** Its place among the clients. */
  readonly client: number;
  readonly url: string;
  readonly events: readonly string[];
  readonly madeAtMs: number;
  /** Null: it stays. */
  readonly deletedAtMs: number | null;
}

/** In ms from the start of a seed. */
export interface Silence {
  readonly host: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly answer: 'hang' | 'reset';
}

/** Everything of a seed that is decided before it begins; durations in ms from its start. */
export interface Plan {
  readonly seed: number;
  readonly vars: Readonly<Record<string, string>>;
  readonly retryDelaysMs: readonly number[];
  readonly subrequestBudget: number;
  /** What D1 lets one invocation ask, on the plan that the budget fits. */
  readonly d1Requests: number;
  readonly rates: Rates;
  /** When everything outside stops to go wrong. */
  readonly calmAfterMs: number;
  readonly timeScale: number;
  readonly clients: readonly ClientPlan[];
  readonly subscriptions: readonly SubscriptionPlan[];
  readonly intents: readonly IntentPlan[];
  readonly tickAtMs: readonly number[];
  /** The clocks of all machines jump to being off by so much. */
  readonly clockSteps: readonly { readonly atMs: number; readonly offsetMs: number }[];
  readonly outages: readonly { readonly atMs: number; readonly lengthMs: number }[];
  /** A host whose receivers are all silent for a time, which may go on into the calm. */
  readonly silences: readonly Silence[];
  /** Results are copied into a bucket. */
  readonly keepsResults: boolean;
  /** All invocations die at once. */
  readonly powerFailuresAtMs: readonly number[];
}

const MINUTE_MS = 60_000;
/** Of Cloudflare's plans: the outgoing fetches that the Free one allows, and the requests to D1 that either does. */
const FREE_SUBREQUESTS = 50;
const FREE_D1_REQUESTS = 50;
const PAID_D1_REQUESTS = 1_000;
/** Well within the margin of a claim: how far clocks may differ is a promise of the platform, not of Ringback. */
export const MAX_OFFSET_MS = 4_000;

const OPERATOR_KEYS = [
  'sk-sim-enterprise',
  'sk-sim-enterprise',
  'sk-sim-standard',
  'sk-sim-basic',
  'sk-sim-free',
] as const;
const CLIENT_KEYS = [null, null, null, 'sk-own-basic', 'sk-own-free', 'sk-own-pro-credits2000'] as const;

/** What happens in this seed. The same seed is the same plan. */
export function planOf(seed: number): Plan {
  const draw = new Draw(seed, 'plan');
  const calmAfterMs = draw.between(2, 6) * MINUTE_MS;
  const silences = planSilences(new Draw(seed, 'silent hosts'), calmAfterMs);
  const shortDelaysMs = Array.from({ length: draw.between(2, 5) }, () => draw.between(1, 60) * 1_000);
  // Who waits for a silent host has to have something left when it answers.
  const retryDelaysMs = silences.length === 0 ? shortDelaysMs : [...shortDelaysMs, ...LONG_DELAYS_MS];
  const subrequestBudget = draw.pick([6, 10, 45, 45, 200, 9_000, 9_000]);
  const clients = Array.from({ length: draw.between(1, 4) }, (_, index) => planClient(draw, index));
  const instants = (most: number) =>
    Array.from({ length: draw.between(0, most) }, () => draw.between(0, calmAfterMs));
  return {
    seed,
    retryDelaysMs,
    subrequestBudget,
    d1Requests: subrequestBudget > FREE_SUBREQUESTS ? PAID_D1_REQUESTS : FREE_D1_REQUESTS,
    calmAfterMs,
    clients,
    vars: {
      UPSTREAM_URL: 'https://upstream.test',
      UPSTREAM_API_KEY: draw.pick(OPERATOR_KEYS),
      ALLOW_PRIVATE_CALLBACKS: 'false',
      TICK_SECONDS: String(draw.pick([5, 20, 55, 55])),
      SUBREQUEST_BUDGET: String(subrequestBudget),
      TASK_TIMEOUT_SECONDS: String(draw.pick([300, 900, 1_800])),
      CALLBACK_TIMEOUT_SECONDS: String(draw.pick([3, 10, 15])),
      RETRY_DELAYS_SECONDS: retryDelaysMs.map((ms) => ms / 1_000).join(','),
      POLL_MIN_SECONDS: String(draw.between(1, 3)),
      RETENTION_DAYS: '30',
    },
    rates: {
      death: draw.pick([0, 0.002, 0.01]),
      d1: draw.pick([0, 0.01, 0.04]),
      upstream: draw.pick([0, 0.05, 0.2]),
      receiver: draw.pick([0, 0.05, 0.2]),
      loss: draw.pick([0, 0.05, 0.2]),
      unlucky: planUnlucky(new Draw(seed, 'unlucky operation')),
    },
    timeScale: draw.pick([0, 0.05, 0.2, 0.5]),
    subscriptions: planSubscriptions(new Draw(seed, 'subscriptions'), clients.length, calmAfterMs),
    intents: planIntents(draw, new Draw(seed, 'odd intents'), { clients: clients.length, calmAfterMs }),
    tickAtMs: planTicks(draw, calmAfterMs),
    clockSteps: instants(draw.pick([0, 0, 4])).map((atMs) => ({
      atMs,
      offsetMs: draw.between(-MAX_OFFSET_MS, MAX_OFFSET_MS),
    })),
    outages: instants(1).map((atMs) => ({ atMs, lengthMs: draw.between(1, 25) * 1_000 })),
    powerFailuresAtMs: instants(2),
    silences,
    keepsResults: new Draw(seed, 'bucket').chance(0.5),
  };
}

const MAX_SUBSCRIPTIONS = 3;
const EVENT_SETS = [
  ['task.succeeded', 'task.failed', 'task.canceled'],
  ['task.running', 'task.succeeded', 'task.failed', 'task.canceled', 'callback.failed'],
  ['task.running', 'callback.failed'],
] as const;

function planSubscriptions(draw: Draw, clients: number, calmAfterMs: number): SubscriptionPlan[] {
  if (draw.chance(0.4)) return [];
  return Array.from({ length: draw.between(1, MAX_SUBSCRIPTIONS) }, (_, i) => {
    const madeAtMs = draw.pick([0, 0, draw.between(0, calmAfterMs)]);
    return {
      client: draw.between(0, clients - 1),
      url: `https://${planHost(draw)}/${draw.pick(RECEIVER_KINDS)}/subscription-${i}`,
      events: draw.pick(EVENT_SETS),
      madeAtMs,
      deletedAtMs: draw.chance(0.3) ? madeAtMs + draw.between(1_000, calmAfterMs) : null,
    };
  });
}

const LONG_DELAYS_MS = [300_000, 600_000] as const;
const MAX_SILENCES = 3;
const LONGEST_SILENCE_MS = 12 * MINUTE_MS;

function planSilences(draw: Draw, calmAfterMs: number): Silence[] {
  if (draw.chance(0.5)) return [];
  return Array.from({ length: draw.between(1, MAX_SILENCES) }, () => {
    const fromMs = draw.between(0, calmAfterMs);
    const untilMs = fromMs + draw.between(MINUTE_MS / 2, LONGEST_SILENCE_MS);
    return { host: planHost(draw), fromMs, untilMs, answer: draw.pick(['hang', 'reset']) };
  });
}

/** A post that was told 503 may cost nothing: no number of tries can promise that where most of them fail. */
const INSERT_D1_RATE = 0.04;

function planUnlucky(draw: Draw): Rates['unlucky'] {
  if (draw.chance(0.5)) return null;
  const operation = draw.pick(OPERATIONS);
  const d1 = draw.pick([0.1, 0.3, 0.6]);
  const isInsert = operation.startsWith('tasks.insert');
  return { operation, death: draw.pick([0, 0.1, 0.3]), d1: isInsert ? INSERT_D1_RATE : d1 };
}

function planClient(draw: Draw, index: number): ClientPlan {
  return {
    name: `client-${index}`,
    upstreamKey: draw.pick(CLIENT_KEYS),
    maxActiveTasks: draw.pick([null, null, 1, 2]),
    failureUrl: draw.pick([null, null, 'https://alarm.example.org/ok', 'https://alarm.example.org/broken']),
  };
}

/** A cron each minute: some do not come, some come twice, some late and into the next one. */
function planTicks(draw: Draw, calmAfterMs: number): number[] {
  const minutes = Array.from({ length: Math.ceil(calmAfterMs / MINUTE_MS) }, (_, minute) => minute);
  return minutes.flatMap((minute) => {
    const times = draw.pick([0, 1, 1, 1, 1, 2, 3]);
    return Array.from(
      { length: times },
      (_, index) => minute * MINUTE_MS + (index === 0 ? 0 : draw.between(0, 30_000)),
    );
  });
}

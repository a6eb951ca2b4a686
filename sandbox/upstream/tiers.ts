export const TIER_NAMES = ['free', 'basic', 'standard', 'pro', 'ultra', 'enterprise', 'unlimited'] as const;
export type TierName = (typeof TIER_NAMES)[number];

export const ENDPOINTS = ['createTask', 'recordInfo'] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** How many requests one key may make in a window of one second and in one of sixty. */
export interface WindowLimits {
  perSecond: number;
  perMinute: number;
}

interface Tier extends Record<Endpoint, WindowLimits> {
  activeTasks: number;
}

const NO_LIMIT = 1_000_000_000;

export const TIERS: Record<TierName, Tier> = {
  free: tier([1, 10], [2, 60], 1),
  basic: tier([5, 180], [20, 1000], 5),
  standard: tier([10, 600], [50, 3000], 15),
  pro: tier([20, 1200], [100, 6000], 30),
  ultra: tier([50, 3000], [200, 12_000], 80),
  enterprise: tier([100, 6000], [500, 30_000], 300),
  /** No tier of upstream's: for measurements of what is in front of it. */
  unlimited: tier([NO_LIMIT, NO_LIMIT], [NO_LIMIT, NO_LIMIT], NO_LIMIT),
};

const DEFAULT_CREDITS = 1_000_000;

export interface KeySettings {
  tier: TierName;
  /** What the key had before its first task. */
  credits: number;
  /** Tasks that may run at the same time. */
  activeLimit: number;
}

/**
 * What a key is allowed, read from its own text: `sk-sandbox-basic` is of the basic tier,
 * `sk-sandbox-pro-credits500` has 500 credits. Any other `sk-` key is an enterprise one with plenty of credits.
 */
export function settingsFromKey(key: string): KeySettings {
  const words = key.split('-');
  const name = TIER_NAMES.find((tierName) => words.includes(tierName)) ?? 'enterprise';
  const credits = words
    .map((word) => /^credits(\d{1,9})$/.exec(word)?.[1])
    .find((digits) => digits !== undefined);
  return {
    tier: name,
    credits: credits === undefined ? DEFAULT_CREDITS : Number(credits),
    activeLimit: TIERS[name].activeTasks,
  };
}

function tier(createTask: [number, number], recordInfo: [number, number], activeTasks: number): Tier {
  return {
    createTask: { perSecond: createTask[0], perMinute: createTask[1] },
    recordInfo: { perSecond: recordInfo[0], perMinute: recordInfo[1] },
    activeTasks,
  };
}

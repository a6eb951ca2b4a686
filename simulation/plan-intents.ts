import type { Draw } from './draw.ts';
import { oddly } from './plan-oddities.ts';
import type { Directive } from './plan-oddities.ts';
import type { ReceiverKind } from './receivers.ts';
import { RECEIVER_KINDS } from './receivers.ts';

/** Something that a caller wants done once. */
export interface IntentPlan {
  readonly name: string;
  /** Index of the client. */
  readonly client: number;
  readonly idempotencyKey: string | null;
  readonly surface: 'v1' | 'drop-in';
  readonly model: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The words in the prompt that tell the upstream simulator what to do. */
  readonly directive: Directive;
  readonly receiver: { readonly url: string; readonly kind: ReceiverKind } | null;
  readonly timeoutSeconds: number | null;
  readonly postAtMs: number;
  /** Posted twice at once, as by a double click. */
  readonly isDoubled: boolean;
  /** How many seconds the caller asks to be held. */
  readonly waitSeconds: number | null;
  /** After its acceptance; null for never. */
  readonly cancelAfterMs: number | null;
  readonly redeliverAfterMs: number | null;
}

/** Hosts are shared, so that receivers stand in each other's way. */
const HOSTS = 5;

/** @param oddities a stream of its own, for what upstream does otherwise than documented. */
export function planIntents(
  draw: Draw,
  oddities: Draw,
  { clients, calmAfterMs }: { clients: number; calmAfterMs: number },
): IntentPlan[] {
  return Array.from({ length: draw.between(3, 16) }, (_, index) =>
    planIntent(draw, oddities, `intent-${index}`, { client: draw.between(0, clients - 1), calmAfterMs }),
  );
}

function planIntent(
  draw: Draw,
  oddities: Draw,
  name: string,
  at: { client: number; calmAfterMs: number },
): IntentPlan {
  const documented = draw.pick(['', '', '', '', '', '', '', '[fail]', '[never]', '[lost]'] as const);
  const directive = oddly(oddities, documented);
  const surface = draw.pick(['v1', 'v1', 'v1', 'drop-in']);
  const idempotencyKey = draw.chance(0.7) ? `key of ${name}` : null;
  return {
    name,
    client: at.client,
    idempotencyKey,
    surface,
    ...planInput(draw, `${name} ${directive.words}`),
    directive,
    receiver: draw.chance(0.9) ? planReceiver(draw, name) : null,
    timeoutSeconds: surface === 'v1' && draw.chance(0.3) ? draw.between(20, 300) : null,
    // Bursts: several callers at the same instant.
    postAtMs: draw.chance(0.4) ? 15_000 : draw.between(0, at.calmAfterMs),
    isDoubled: idempotencyKey !== null && draw.chance(0.2),
    waitSeconds: surface === 'v1' && draw.chance(0.15) ? draw.between(1, 25) : null,
    // Early, while upstream is asked or polled, or at any time.
    cancelAfterMs: draw.chance(0.25) ? draw.between(0, draw.pick([2_000, 20_000, 120_000])) : null,
    redeliverAfterMs: draw.chance(0.25) ? draw.between(5_000, 400_000) : null,
  };
}

function planInput(draw: Draw, prompt: string): Pick<IntentPlan, 'model' | 'input'> {
  return draw.pick([
    {
      model: 'seedance-2.0-reference-to-video',
      input: { prompt, resolution: '720p', duration: draw.between(1, 8) },
    },
    { model: 'seedance-2.0-text-to-video', input: { prompt, resolution: '480p', duration: 5 } },
    { model: 'gpt-image-2-text-to-image', input: { prompt, resolution: '1K' } },
  ]);
}

function planReceiver(draw: Draw, name: string): NonNullable<IntentPlan['receiver']> {
  const kind = draw.chance(0.4) ? 'well' : draw.pick(RECEIVER_KINDS);
  const host = planHost(draw);
  return { url: `https://${host}/${kind}/${name}`, kind };
}

/** One that receivers share. */
export function planHost(draw: Draw): string {
  return draw.pick([
    `hooks-${draw.between(1, HOSTS)}.example.com`,
    `hooks-${draw.between(1, HOSTS)}.example.com:8443`,
    'hooks.zapier.com',
    'hook.eu2.make.com',
  ]);
}

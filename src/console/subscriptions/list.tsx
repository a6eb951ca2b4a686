import type { Subscription } from '../../domain/subscription.ts';
import { shown } from '../../domain/shown.ts';
import { Badge } from '../components/state.tsx';
import type { Tone } from '../components/state.tsx';
import { Time } from '../components/time.tsx';
import { FORMAT_WORDS } from './words.ts';

/** Of an address that whoever has it can write to, the beginning. */
const SHOWN_BYTES = 60;

/** Subscriptions and their health, with what can be done with each. */
export function SubscriptionList({
  subscriptions,
  base,
}: {
  subscriptions: readonly Subscription[];
  base: string;
}) {
  return (
    <ul class="stack">
      {subscriptions.map((subscription) => (
        <li class="card stack">
          <One subscription={subscription} base={base} />
        </li>
      ))}
    </ul>
  );
}

function One({ subscription, base }: { subscription: Subscription; base: string }) {
  const { id, url, description, format, events, models } = subscription;
  return (
    <>
      <h2>{nameOf(subscription)}</h2>
      <dl class="facts">
        <dt>Health</dt>
        <dd>
          <Health subscription={subscription} />
        </dd>
        <dt>Address</dt>
        <dd class="mono break">{shown(url, SHOWN_BYTES)}</dd>
        <dt>Told of</dt>
        <dd class="break">{events.join(', ')}</dd>
        {models === null ? null : (
          <>
            <dt>Models</dt>
            <dd class="break">{models.join(', ')}</dd>
          </>
        )}
        {description === null ? null : (
          <>
            <dt>Format</dt>
            <dd>{FORMAT_WORDS[format].name}</dd>
          </>
        )}
        <dt>Id</dt>
        <dd class="mono break">{id}</dd>
      </dl>
      <Actions subscription={subscription} base={base} />
    </>
  );
}

function nameOf({ description, format }: Subscription): string {
  return description ?? FORMAT_WORDS[format].name;
}

function Actions({ subscription, base }: { subscription: Subscription; base: string }) {
  const { id, state } = subscription;
  const name = nameOf(subscription);
  const to = (what: string) => `${base}/${id}/${what}`;
  return (
    <div class="actions">
      <form method="post" action={to('test')}>
        <button type="submit" aria-label={`Test ${name}`}>
          Test
        </button>
      </form>
      {state === 'active' ? null : (
        <form method="post" action={to('activate')}>
          <button type="submit" class="primary" aria-label={`Activate ${name}`}>
            Activate
          </button>
        </form>
      )}
      <details class="ask">
        <summary aria-label={`Delete ${name}`}>Delete</summary>
        <form method="post" action={to('delete')} class="popover">
          <p>What is pending for it is not sent any more.</p>
          <button type="submit" class="danger">
            Delete this address
          </button>
        </form>
      </details>
    </div>
  );
}

/** In one word how it stands, and what it last answered. */
export function healthOf({ state, failingSince, lastDeliveredAt }: Subscription): {
  readonly tone: Tone;
  readonly word: string;
} {
  if (state === 'stopped') return { tone: 'bad', word: 'stopped' };
  if (failingSince !== null) return { tone: 'warn', word: 'failing' };
  return lastDeliveredAt === null
    ? { tone: 'idle', word: 'nothing sent yet' }
    : { tone: 'good', word: 'active' };
}

function Health({ subscription }: { subscription: Subscription }) {
  const { stoppedReason, failingSince, lastDeliveredAt, lastStatus } = subscription;
  const { tone, word } = healthOf(subscription);
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      {stoppedReason === null ? null : <span class="sub">{stoppedReason}</span>}
      {failingSince === null ? null : (
        <span class="sub">
          {lastStatus === null ? 'No answer' : `Last answer ${lastStatus}`}, failing since{' '}
          <Time at={failingSince} ago={true} />
        </span>
      )}
      {lastDeliveredAt === null ? null : (
        <span class="sub">
          Last delivered <Time at={lastDeliveredAt} ago={true} />
        </span>
      )}
    </>
  );
}

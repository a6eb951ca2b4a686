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
    <div class="card flush">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">Told of</th>
            <th scope="col">Health</th>
            <th scope="col">Actions</th>
          </tr>
        </thead>
        <tbody>
          {subscriptions.map((subscription) => (
            <Line subscription={subscription} base={base} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ subscription, base }: { subscription: Subscription; base: string }) {
  const { id, url, description, format, events, models, state } = subscription;
  const name = description ?? FORMAT_WORDS[format].name;
  const to = (what: string) => `${base}/${id}/${what}`;
  return (
    <tr>
      <th scope="row">
        {name}
        <span class="sub mono break">{shown(url, SHOWN_BYTES)}</span>
        <span class="sub mono">{id}</span>
      </th>
      <td data-label="Told of">
        {events.join(', ')}
        {models === null ? null : <span class="sub">of {models.join(', ')}</span>}
      </td>
      <td data-label="Health">
        <Health subscription={subscription} />
      </td>
      <td data-label="Actions">
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
      </td>
    </tr>
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

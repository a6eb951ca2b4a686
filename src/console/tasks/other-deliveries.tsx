import type { Attempt } from '../../domain/attempt.ts';
import type { Delivery } from '../../domain/delivery.ts';
import { OPERATOR } from '../../domain/subscription.ts';
import { Badge } from '../components/state.tsx';
import type { Tone } from '../components/state.tsx';
import { Time } from '../components/time.tsx';
import { Words } from '../components/words.tsx';
import type { ViewedTask } from './read.ts';

const TONES = { pending: 'busy', delivered: 'good', failed: 'bad' } as const satisfies Record<
  Delivery['state'],
  Tone
>;

/** What subscriptions are told of a task, side by side, each with its attempts. */
export function OtherDeliveries({ viewed: { others } }: { viewed: ViewedTask }) {
  if (others.length === 0) return null;
  return (
    <section class="card" aria-labelledby="others-title">
      <h2 id="others-title">Told to subscriptions</h2>
      <div class="stack">
        {others.map(({ delivery, attempts }) => (
          <Told delivery={delivery} attempts={attempts} />
        ))}
      </div>
    </section>
  );
}

function Told({ delivery, attempts }: { delivery: Delivery; attempts: readonly Attempt[] }) {
  const { host, event, state, clientId, dueAt } = delivery;
  return (
    <details>
      <summary>
        <Badge tone={TONES[state]}>{state}</Badge> {event} to {host}
        {clientId === OPERATOR ? " (the operator's)" : ''}
      </summary>
      {attempts.length === 0 ? <p class="dim">Not tried yet.</p> : null}
      <ol class="timeline">
        {attempts.map(({ number, at, outcome, detail }) => (
          <li class={outcome === 'delivered' ? 'good' : outcome === 'retry' ? 'warn' : 'bad'}>
            <strong>Attempt {number}</strong>
            <Time at={at} />
            <Words text={detail} />
          </li>
        ))}
      </ol>
      {dueAt === null ? null : (
        <p class="hint">
          Next attempt <Time at={dueAt} ago={true} />
        </p>
      )}
    </details>
  );
}

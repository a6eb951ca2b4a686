import { OPERATOR } from '../../domain/subscription.ts';
import { duration } from '../components/time.tsx';
import type { Concern } from './attention.ts';
import type { Overview } from './read.ts';

/** A receiver that fails for a moment is nothing yet: the schedule gets through. */
const FAILING_MS = 600_000;

/** Standing addresses that are told nothing any more, or have not been for a while. */
export function subscriptionConcerns({ subscriptions, isOperator, now }: Overview): Concern[] {
  return subscriptions.flatMap(
    ({ clientId, clientName, host, state, stoppedReason, failingSince }): Concern[] => {
      const isMine = !isOperator || clientId === OPERATOR;
      const href = isMine ? '/console/subscriptions' : `/console/clients/${clientId}/subscriptions`;
      const whose =
        clientId === OPERATOR ? 'Alerts' : isMine ? 'A subscription' : `A subscription of ${clientName}`;
      if (state === 'stopped')
        return [
          {
            tone: 'bad',
            title: `${whose} to ${host} was stopped`,
            advice: `${stoppedReason ?? ''} Mend it, test it, and activate it.`.trim(),
            href,
          },
        ];
      if (failingSince === null || now - failingSince < FAILING_MS) return [];
      const advice = 'What it is told waits, and is tried again. Test it, and see what it answers.';
      return [
        {
          tone: 'warn',
          title: `${whose} to ${host} has failed for ${duration(now - failingSince)}`,
          advice,
          href,
        },
      ];
    },
  );
}

/** Upstream takes no more tasks of these keys, for want of credits. */
export function creditConcerns({ exhausted }: Overview): Concern[] {
  return exhausted.map((name) => ({
    tone: 'bad',
    title: `${name}: the upstream credits are used up`,
    advice: 'Buy credits there. This line goes away with the next task that upstream takes.',
    href: null,
  }));
}

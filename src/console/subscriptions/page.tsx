import type { z } from '@hono/zod-openapi';
import type { EventType } from '../../domain/events/event.ts';
import { MAX_ACTIVE } from '../../domain/subscription.ts';
import type { Subscription } from '../../domain/subscription.ts';
import type { ProblemError } from '../../http/problem.ts';
import type { TestResult } from '../../http/send-test.ts';
import { CopyButton } from '../components/code.tsx';
import { Empty, Notice } from '../components/notice.tsx';
import { PageHead } from '../layout.tsx';
import { SubscriptionForm } from './form.tsx';
import type { Typed } from './form.tsx';
import { SubscriptionList } from './list.tsx';

/** Whose subscriptions a page is of. */
export interface Place {
  /** Where they stand, and their forms go. */
  readonly base: string;
  readonly title: string;
  readonly note: string;
  /** What may be told; null where nothing is added here. */
  readonly events: readonly EventType[] | null;
  /** What a form begins with. */
  readonly chosen: readonly EventType[];
  /** The way back; null at the top. */
  readonly from: { readonly href: string; readonly name: string } | null;
}

/** What was just done. */
export interface Done {
  readonly tested?: z.infer<typeof TestResult>;
  /** Shown this once. */
  readonly signingSecret?: string | null;
  readonly words?: string;
  readonly problem?: ProblemError;
  readonly typed?: Typed;
}

interface PageProps {
  readonly place: Place;
  readonly subscriptions: readonly Subscription[];
  readonly done: Done;
  readonly now: number;
}

/** Standing addresses and how they do, and a form for one more. */
export function SubscriptionsPage({ place, subscriptions, done, now }: PageProps) {
  const { base, title, note, events, chosen, from } = place;
  const typed = done.typed ?? { url: '', description: '', format: 'slack', events: chosen };
  return (
    <>
      {from === null ? null : (
        <p class="crumbs">
          <a href={from.href}>{from.name}</a>
        </p>
      )}
      <PageHead title={title} note={note} />
      <Told done={done} />
      <div class={events === null ? undefined : 'columns'}>
        <div>
          {subscriptions.length === 0 ? (
            <Empty title="No address yet">
              At most {MAX_ACTIVE} addresses can be told at once, each of what it is for.
            </Empty>
          ) : (
            <SubscriptionList subscriptions={subscriptions} base={base} />
          )}
        </div>
        {events === null ? null : (
          <SubscriptionForm
            action={base}
            events={events}
            typed={typed}
            problem={done.problem ?? null}
            now={now}
          />
        )}
      </div>
    </>
  );
}

function Told({ done: { tested, signingSecret, words } }: { done: Done }) {
  return (
    <>
      {words === undefined ? null : (
        <Notice tone="good" title={words} isAlert={true}>
          {signingSecret ? (
            <dl class="secrets">
              <dt>
                Signing secret <small>verifies what it is told; shown only now</small>
              </dt>
              <dd>
                <code id="new-secret">{signingSecret}</code>
                <CopyButton of="new-secret" label="signing secret" />
              </dd>
            </dl>
          ) : null}
        </Notice>
      )}
      {tested === undefined ? null : (
        <Notice
          tone={tested.ok ? 'good' : 'bad'}
          title={tested.ok ? `The test arrived: it answered ${tested.status}` : testTrouble(tested)}
          isAlert={true}
        >
          {tested.advice === null ? null : <p>{tested.advice}</p>}
        </Notice>
      )}
    </>
  );
}

function testTrouble({ status }: z.infer<typeof TestResult>): string {
  return status === null
    ? 'The test did not arrive: no answer'
    : `The test was not taken: it answered ${status}`;
}

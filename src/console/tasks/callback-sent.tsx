import { callbackBody } from '../../domain/callback-body.ts';
import { webhookId } from '../../domain/ids.ts';
import { isEnded } from '../../domain/task.ts';
import { Code, pretty } from '../components/code.tsx';
import { Notice } from '../components/notice.tsx';
import { Time } from '../components/time.tsx';
import { verifySnippet } from '../try/snippets.ts';
import type { ViewedTask } from './read.ts';

/** The callback as it is sent, what the built-in inbox has of it, and how a receiver checks that it is genuine. */
export function CallbackSent({ viewed: { task, inbox } }: { viewed: ViewedTask }) {
  if (task.callback === null) return null;
  if (!isEnded(task)) {
    return (
      <section class="card" aria-labelledby="callback-title">
        <h2 id="callback-title">Callback</h2>
        <p class="waiting" role="status">
          <i class="pulse-dot"></i> It goes out when the task ends
          {inbox === null ? '' : ', and shows up here'}.
        </p>
      </section>
    );
  }
  const came = inbox?.[0];
  const body = came?.body ?? callbackBody(task);
  return (
    <section class="card" aria-labelledby="callback-title">
      <h2 id="callback-title">Callback</h2>
      {inbox === null ? null : (
        <InboxState
          count={inbox.length}
          at={came?.receivedAt ?? null}
          isDelivered={task.delivery?.state === 'delivered'}
        />
      )}
      <Code id="callback-body" label="callback body" text={readable(body)} />
      <details>
        <summary>{came === undefined ? 'Headers' : 'Headers, as they came'}</summary>
        <Code
          id="callback-headers"
          label="callback headers"
          text={headersOf(webhookId(task.id), came?.headers)}
        />
      </details>
      <details>
        <summary>Verify this signature</summary>
        <p class="hint">
          In Node, without a package. The body has to be the bytes as they came
          {came === undefined ? ', which your receiver has' : ''}.
        </p>
        <Code
          id="verify-snippet"
          label="code that verifies the signature"
          text={verifySnippet(body, came?.headers ?? { 'webhook-id': webhookId(task.id) })}
        />
      </details>
    </section>
  );
}

interface InboxStateProps {
  readonly count: number;
  readonly at: number | null;
  readonly isDelivered: boolean;
}

function InboxState({ count, at, isDelivered }: InboxStateProps) {
  if (at !== null) {
    return (
      <Notice tone="good" title="It came to the built-in inbox">
        <p>
          <Time at={at} />
          {count > 1 ? `, and ${count - 1} times before` : ''}. It is kept for an hour.
        </p>
      </Notice>
    );
  }
  if (isDelivered) return <Notice tone="idle" title="It came to the built-in inbox more than an hour ago" />;
  return (
    <p class="waiting" role="status">
      <i class="pulse-dot"></i> On its way to the built-in inbox.
    </p>
  );
}

/** JSON indented; what is no JSON as it is. */
function readable(body: string): string {
  try {
    return pretty(JSON.parse(body));
  } catch {
    return body;
  }
}

function headersOf(id: string, came: Readonly<Record<string, string>> | undefined): string {
  const headers = came ?? {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': 'unix seconds of the attempt',
    'webhook-signature': 'v1,… (base64 of HMAC-SHA256 over id.timestamp.body)',
  };
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

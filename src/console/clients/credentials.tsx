import { CopyButton } from '../components/code.tsx';
import { Notice } from '../components/notice.tsx';

export interface ShownCredentials {
  readonly key?: string;
  readonly signingSecret?: string;
}

/** What was just made: it cannot be shown again. */
export function ShownOnce({ shown, isNew }: { shown: ShownCredentials; isNew: boolean }) {
  const { key, signingSecret } = shown;
  return (
    <Notice
      tone="good"
      title={
        isNew ? 'The client is made. Keep these: they are shown only now' : 'Keep this: it is shown only now'
      }
      isAlert={true}
    >
      <dl class="secrets">
        {key === undefined ? null : (
          <Secret id="new-key" name="Key" value={key} note="signs in to the API and to this console" />
        )}
        {signingSecret === undefined ? null : (
          <Secret id="new-secret" name="Signing secret" value={signingSecret} note="verifies callbacks" />
        )}
      </dl>
    </Notice>
  );
}

function Secret({ id, name, value, note }: { id: string; name: string; value: string; note: string }) {
  return (
    <>
      <dt>
        {name} <small>{note}</small>
      </dt>
      <dd>
        <code id={id}>{value}</code>
        <CopyButton of={id} label={name} />
      </dd>
    </>
  );
}

/** New credentials, and the end of a client. */
export function Credentials({ id }: { id: string }) {
  const to = (what: string) => `/console/clients/${id}/${what}`;
  return (
    <section class="card" aria-labelledby="credentials-title">
      <h2 id="credentials-title">Credentials</h2>
      <div class="asks">
        <Ask
          action={to('rotate-key')}
          title="New key"
          words="The old key stops at once, and so do sessions of this console that were opened with it."
          button="Make a new key"
        />
        <Ask
          action={to('rotate-secret')}
          title="New signing secret"
          words="Each that was replaced signs beside it for 24 hours. A JWT carries the new one at once."
          button="Make a new secret"
        />
        <Ask
          action={to('revoke')}
          title="Revoke"
          words="Its key stops at once, for good. Its queued tasks are canceled, its running ones followed to their end."
          button="Revoke this client"
        />
      </div>
    </section>
  );
}

/** Asks before it does what cannot be undone; it works without a script too. */
function Ask({
  action,
  title,
  words,
  button,
}: {
  action: string;
  title: string;
  words: string;
  button: string;
}) {
  return (
    <details class="ask" name="credentials">
      <summary>{title}</summary>
      <form method="post" action={action}>
        <p>{words}</p>
        <button type="submit" class="danger">
          {button}
        </button>
      </form>
    </details>
  );
}

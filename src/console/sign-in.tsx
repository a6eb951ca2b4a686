import type { Context } from 'hono';
import { pastedToken, wordsOfToken } from '../domain/credential-words.ts';
import { audit } from '../http/audit.ts';
import { failedOperatorSignIn, operatorSignInWait } from '../http/auth.ts';
import type { ProblemError } from '../http/problem.ts';
import type { Services } from '../http/services.ts';
import { Notice } from './components/notice.tsx';
import type { ConsoleApp } from './env.ts';
import { Document, Logo } from './layout.tsx';
import { closeSession, openSession, readSession, viewerOf } from './session.ts';

const MAX_CREDENTIAL_LENGTH = 1_024;
const WRONG = 'That is neither the ADMIN_TOKEN nor a key that is in use. Look for a missing character.';
const WANTED = 'the ADMIN_TOKEN, or the key of a client (rb_…)';

/** In and out. Failed sign-ins are counted with the operator's of the API: whoever fails here may be guessing the ADMIN_TOKEN. */
export function registerSignIn(app: ConsoleApp, services: Services): void {
  app.get('/sign-in', async (c) => {
    const next = ownPath(c.req.query('next'));
    if ((await readSession(c, services)) !== null) return c.redirect(next, 303);
    return await c.html(<SignInPage next={next} signedOut={c.req.query('out') !== undefined} />);
  });

  app.post('/sign-in', async (c) => {
    const form = await c.req.parseBody();
    const next = ownPath(typeof form['next'] === 'string' ? form['next'] : undefined);
    const credential = typeof form['credential'] === 'string' ? pastedToken(form['credential']) : '';
    const waiting = operatorSignInWait(c, services);
    if (waiting !== null) return await refuse(c, waiting, next);
    const viewer =
      credential === '' || credential.length > MAX_CREDENTIAL_LENGTH
        ? null
        : await viewerOf(services, credential);
    if (viewer === null)
      return await refuse(c, await failedOperatorSignIn(c, services, wordsFor(credential)), next);
    await openSession(c, services, viewer);
    if (viewer.kind === 'operator') await audit(c, services, 'console.signed-in');
    return c.redirect(next, 303);
  });

  app.post('/sign-out', async (c) => {
    const viewer = await readSession(c, services);
    await closeSession(c, services);
    if (viewer?.kind === 'operator') await audit(c, services, 'console.signed-out');
    return c.redirect('/console/sign-in?out', 303);
  });
}

async function refuse(c: Context, problem: ProblemError, next: string): Promise<Response> {
  if (problem.retryAfterSeconds !== null) c.header('Retry-After', String(problem.retryAfterSeconds));
  return await c.html(<SignInPage next={next} problem={problem.message} />, problem.status);
}

/** What a key or another secret says by its form; whatever else was entered may be a mistyped ADMIN_TOKEN. */
function wordsFor(credential: string): string {
  return /^(rb_|sk-|whsec_)/.test(credential)
    ? wordsOfToken(credential, WANTED).replace(/ Send /, ' Enter ')
    : WRONG;
}

/** A path of the console; anything else would let a link lead a signed-in person elsewhere. */
function ownPath(next: string | undefined): string {
  return next !== undefined && /^\/console(\/[\w-]+)*(\?[^\\\s]*)?$/.test(next) ? next : '/console';
}

interface SignInProps {
  readonly next: string;
  readonly problem?: string;
  readonly signedOut?: boolean;
}

function SignInPage({ next, problem, signedOut = false }: SignInProps) {
  return (
    <Document title="Sign in">
      <main class="single" id="main">
        <a class="brand" href="/">
          <Logo />
          <span>Ringback</span>
        </a>
        <h1>Sign in</h1>
        {problem === undefined ? null : <Notice tone="bad" title={problem} isAlert={true} />}
        {signedOut ? <Notice tone="idle" title="You are signed out." /> : null}
        <form method="post" action="/console/sign-in" class="stack">
          <input type="hidden" name="next" value={next} />
          <label class="field">
            <span>Admin token or client key</span>
            <input
              type="password"
              name="credential"
              required
              autofocus
              autocomplete="current-password"
              spellcheck={false}
              aria-describedby="credential-hint"
              aria-invalid={problem === undefined ? undefined : 'true'}
            />
          </label>
          <p class="hint" id="credential-hint">
            The operator's <code>ADMIN_TOKEN</code> shows everything. A client's key, <code>rb_…</code>, shows
            that client's own tasks. You stay signed in for four hours.
          </p>
          <button class="primary" type="submit">
            Sign in
          </button>
        </form>
      </main>
    </Document>
  );
}

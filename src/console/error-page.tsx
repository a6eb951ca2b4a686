import type { Context } from 'hono';
import type { Viewer } from './env.ts';
import { problemTitle } from '../http/problem.ts';
import type { ProblemError } from '../http/problem.ts';
import { Document, Logo, Page } from './layout.tsx';

/** A refusal as a page: what happened, what to do, and a way back. */
export async function errorPage(c: Context, problem: ProblemError): Promise<Response> {
  const title = problemTitle(problem.slug);
  if (problem.retryAfterSeconds !== null) c.header('Retry-After', String(problem.retryAfterSeconds));
  // Nobody is known yet where the sign-in itself failed.
  const viewer: Viewer | undefined = c.get('viewer');
  if (viewer !== undefined) {
    return await c.html(
      <Page title={title} viewer={viewer} section={null}>
        <div class="single">
          <p class="eyebrow">{problem.status}</p>
          <h1>{title}</h1>
          <p>{problem.message}</p>
        </div>
      </Page>,
      problem.status,
    );
  }
  const page = (
    <Document title={title}>
      <main class="single" id="main">
        <a class="brand" href="/">
          <Logo />
          <span>Ringback</span>
        </a>
        <p class="eyebrow">{problem.status}</p>
        <h1>{title}</h1>
        <p>{problem.message}</p>
        <p>
          <a class="button" href="/console">
            To the console
          </a>
        </p>
      </main>
    </Document>
  );
  return await c.html(page, problem.status);
}

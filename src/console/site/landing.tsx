import type { Context, Hono } from 'hono';
import { curlOf } from '../try/snippets.ts';
import { Code } from '../components/code.tsx';
import { Document } from '../layout.tsx';
import { pageHeaders } from '../security.ts';
import { FAVICON, Picture } from './picture.tsx';
import { SiteHead } from './site-head.tsx';

/** For who asks with curl. */
const WELCOME = `Ringback is running.

/guides/n8n    step by step; also zapier, make, power-automate, agents, code
/docs          the reference, for people
/openapi.json  the same for programs: every operation, its fields and errors
/console       tasks, callbacks and clients, behind a sign-in
/healthz       is it at work
`;

const EXAMPLE = {
  model: 'seedance-2.0-reference-to-video',
  input: { prompt: 'A red fox walks through fresh snow at dawn', resolution: '720p', duration: 5 },
  callback_url: 'https://hooks.example.com/your-hook',
};

/** `/`: a page for browsers, a few lines for everything else. */
export function registerLanding(app: Hono): void {
  app.get('/', pageHeaders, async (c) => {
    c.header('Vary', 'Accept');
    return wantsHtml(c) ? await c.html(<Landing origin={new URL(c.req.url).origin} />) : c.text(WELCOME);
  });
  app.get('/favicon.svg', pageHeaders, (c) =>
    c.body(FAVICON, 200, { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' }),
  );
}

function wantsHtml(c: Context): boolean {
  return (c.req.header('accept') ?? '').includes('text/html');
}

function Landing({ origin }: { origin: string }) {
  return (
    <Document title="A polling video API, as webhooks">
      <div class="site">
        <SiteHead current="home" />
        <main id="main" class="landing">
          <h1>Post a video job. Get called back.</h1>
          <p class="lead">
            Ringback turns a polling AI-video API into webhooks. It takes the job, polls until the video is
            ready, and then calls your URL, signed. What it has accepted survives crashes.
          </p>
          <Picture />
          <ol class="steps">
            <li>
              <strong>You post a task</strong>
              <span>with a callback URL, and are done: the answer is 202 and the task's id.</span>
            </li>
            <li>
              <strong>Ringback polls</strong>
              <span>every few seconds, within upstream's limits, until the task has ended.</span>
            </li>
            <li>
              <strong>Your URL is called</strong>
              <span>
                once, signed as Standard Webhooks says. If it does not answer, it is called again, for about
                three days.
              </span>
            </li>
          </ol>
          <section class="card" aria-labelledby="call-title">
            <h2 id="call-title">The whole of it</h2>
            <Code id="landing-curl" label="curl command" text={curlOf(origin, EXAMPLE)} />
          </section>
          <ul class="doors">
            <Door
              href="/console"
              title="Console"
              words="Where is my video, and why did my hook not fire? Sign in with a key."
            />
            <Door
              href="/guides/n8n"
              title="Guides"
              words="n8n, Zapier, Make, Power Automate, agents, plain code: step by step, with this address filled in."
            />
            <Door
              href="/docs"
              title="Reference"
              words="Every operation, error and callback, to read and to try."
            />
            <Door
              href="/openapi.json"
              title="OpenAPI"
              words="The same for programs: OpenAPI 3.1, made from the routes."
            />
          </ul>
        </main>
      </div>
    </Document>
  );
}

function Door({ href, title, words }: { href: string; title: string; words: string }) {
  return (
    <li>
      <a href={href}>
        <strong>{title}</strong>
        <span>{words}</span>
      </a>
    </li>
  );
}

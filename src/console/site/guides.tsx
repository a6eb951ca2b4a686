import type { Context, Hono } from 'hono';
import { raw } from 'hono/html';
import { ProblemError } from '../../http/problem.ts';
import type { Services } from '../../http/services.ts';
import { Notice } from '../components/notice.tsx';
import { Document } from '../layout.tsx';
import { notStored, pageHeaders } from '../security.ts';
import { readSession } from '../session.ts';
import { GUIDE_FILES, GUIDES } from './guide-files.ts';
import type { GuideName } from './guide-files.ts';
import { addressed, guideHtml } from './guide-html.ts';
import { SiteHead } from './site-head.tsx';

/** `/guides/{tool}`: the recipes, with this Ringback's own address, and the name of whoever is signed in. */
export function registerGuides(app: Hono, services: Services): void {
  app.use('/guides', pageHeaders, notStored);
  app.use('/guides/*', pageHeaders, notStored);
  app.get('/guides', (c) => c.redirect('/guides/n8n', 302));
  app.get('/guides/files/:path{.+}', (c) => sendGuideFile(c, c.req.param('path')) ?? nothingHere(c));
  app.get('/guides/:tool', async (c) => {
    const tool = c.req.param('tool');
    if (!isGuide(tool)) return nothingHere(c);
    const viewer = await readSession(c, services);
    const client = viewer?.kind === 'client' ? viewer.client.name : null;
    return await c.html(<Guide tool={tool} origin={new URL(c.req.url).origin} client={client} />);
  });
}

function nothingHere({ req }: Context): never {
  throw new ProblemError('not-found', `There is nothing at ${req.method} ${req.path}.`);
}

function isGuide(name: string): name is GuideName {
  return Object.hasOwn(GUIDES, name);
}

function sendGuideFile(c: Context, path: string): Response | null {
  const file = Object.hasOwn(GUIDE_FILES, path) ? GUIDE_FILES[path] : undefined;
  if (file === undefined) return null;
  return c.body(addressed(file.text, new URL(c.req.url).origin), 200, {
    'content-type': file.type,
    'content-disposition': `attachment; filename="${path.split('/').at(-1)}"`,
  });
}

interface GuideProps {
  readonly tool: GuideName;
  readonly origin: string;
  readonly client: string | null;
}

function Guide({ tool, origin, client }: GuideProps) {
  const { title, text } = GUIDES[tool];
  return (
    <Document title={title}>
      <div class="site">
        <SiteHead current="guides" />
        <main id="main" class="guide">
          <GuideTabs current={tool} />
          {client === null ? (
            <p class="hint">
              You need a client key (<code>rb_…</code>) from whoever runs this Ringback.{' '}
              <a href={`/console/sign-in?next=/console`}>Sign in</a> with it to see your tasks.
            </p>
          ) : (
            <Notice tone="idle" title={`You are signed in as ${client}`}>
              <p>
                Use the key of this client. It was shown once, when it was made; the operator can make a new
                one.
              </p>
            </Notice>
          )}
          <article>{raw(guideHtml(text, origin))}</article>
        </main>
      </div>
    </Document>
  );
}

/** All guides, side by side. */
export function GuideTabs({ current }: { current: GuideName | null }) {
  return (
    <nav class="segments" aria-label="Guides">
      {Object.entries(GUIDES).map(([name, { title }]) => (
        <a href={`/guides/${name}`} aria-current={name === current ? 'page' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  );
}

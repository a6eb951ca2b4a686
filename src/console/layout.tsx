import { raw } from 'hono/html';
import type { Child, PropsWithChildren } from 'hono/jsx';
import { assetUrl } from './assets.ts';
import { Icon } from './components/icon.tsx';
import type { IconName } from './components/icon.tsx';
import type { Viewer } from './env.ts';

type Section = 'overview' | 'tasks' | 'try' | 'usage' | 'subscriptions' | 'clients' | 'models' | 'audit';

/** What a client's key opens no page of. */
const OPERATORS: ReadonlySet<Section> = new Set(['clients', 'models', 'audit']);

const SECTIONS: readonly { section: Section; href: string; title: string; icon: IconName }[] = [
  { section: 'overview', href: '/console', title: 'Overview', icon: 'overview' },
  { section: 'tasks', href: '/console/tasks', title: 'Tasks', icon: 'tasks' },
  { section: 'try', href: '/console/try', title: 'Try it', icon: 'play' },
  { section: 'usage', href: '/console/usage', title: 'Usage', icon: 'usage' },
  { section: 'subscriptions', href: '/console/subscriptions', title: 'Subscriptions', icon: 'bell' },
  { section: 'clients', href: '/console/clients', title: 'Clients', icon: 'clients' },
  { section: 'models', href: '/console/models', title: 'Models', icon: 'models' },
  { section: 'audit', href: '/console/audit', title: 'Audit log', icon: 'audit' },
];

/** The bare document of every page; `head` takes the place of the console's own files. */
export function Document({ title, head, children }: PropsWithChildren<{ title: string; head?: Child }>) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="robots" content="noindex" />
          <title>{title} · Ringback</title>
          <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href={assetUrl('base.css')} />
          {head ?? <ConsoleFiles />}
        </head>
        <body class={head === undefined ? 'console' : undefined}>{children}</body>
      </html>
    </>
  );
}

function ConsoleFiles() {
  return (
    <>
      <link rel="stylesheet" href={assetUrl('console.css')} />
      <script src={assetUrl('console.js')} defer></script>
    </>
  );
}

interface PageProps {
  readonly title: string;
  readonly viewer: Viewer;
  readonly section: Section | null;
}

/** A page of the console: the way around, who is signed in, and the content. */
export function Page({ title, viewer, section, children }: PropsWithChildren<PageProps>) {
  const isOperator = viewer.kind === 'operator';
  const sections = SECTIONS.filter((entry) => isOperator || !OPERATORS.has(entry.section));
  return (
    <Document title={title}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <div class="frame">
        <header class="side">
          <a class="brand" href="/" aria-label="Ringback, start page">
            <Logo />
            <span>Ringback</span>
          </a>
          <nav aria-label="Console">
            {sections.map((entry) => (
              <a href={entry.href} aria-current={entry.section === section ? 'page' : undefined}>
                <Icon name={entry.icon} />
                {entry.section === 'subscriptions' && isOperator ? 'Alerts' : entry.title}
              </a>
            ))}
            <a href="/guides/n8n">
              <Icon name="guide" />
              Guides
            </a>
            <a href="/docs">
              <Icon name="book" />
              Reference
            </a>
          </nav>
          <form method="post" action="/console/sign-out" class="who">
            <span class="who-name">
              <small>Signed in as</small>
              <strong class="cut" dir="auto">
                {isOperator ? 'Operator' : viewer.client.name}
              </strong>
            </span>
            <button class="quiet" type="submit">
              Sign out
            </button>
          </form>
        </header>
        <main id="main" tabindex={-1}>
          {children}
        </main>
      </div>
    </Document>
  );
}

/** A ring, and the way back. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <path
        d="M16 4.5a11.5 11.5 0 1 1-10.4 6.6"
        fill="none"
        stroke="currentColor"
        stroke-width="4"
        stroke-linecap="round"
      />
      <path
        d="M3.2 4.6 5.2 12l7.4-1.9"
        fill="none"
        stroke="currentColor"
        stroke-width="4"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
      <circle cx="16" cy="16" r="3.4" fill="currentColor" />
    </svg>
  );
}

/** The head of a page: its name, a word about it, and what can be done. */
export function PageHead({ title, note, children }: PropsWithChildren<{ title: string; note?: string }>) {
  return (
    <div class="page-head">
      <div>
        <h1>{title}</h1>
        {note === undefined ? null : <p class="note">{note}</p>}
      </div>
      <div class="page-actions">{children}</div>
    </div>
  );
}

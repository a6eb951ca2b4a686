import { Logo } from '../layout.tsx';

/** The head of the public pages. */
export function SiteHead({ current }: { current: 'docs' | 'guides' | 'home' }) {
  return (
    <header class="site-head">
      <a class="brand" href="/" aria-label="Ringback, start page">
        <Logo />
        <span>Ringback</span>
      </a>
      <nav aria-label="Site">
        <a href="/guides/n8n" aria-current={current === 'guides' ? 'page' : undefined}>
          Guides
        </a>
        <a href="/docs" aria-current={current === 'docs' ? 'page' : undefined}>
          Reference
        </a>
        <a href="/openapi.json">OpenAPI</a>
        <a class="button" href="/console">
          Console
        </a>
      </nav>
    </header>
  );
}

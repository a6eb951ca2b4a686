import { html, raw } from 'hono/html';
import type { BoxView, Received } from './box.ts';

type Html = ReturnType<typeof html>;

const STYLE = `
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.3rem; } a { color: inherit; }
  table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: .4rem .6rem .4rem 0; }
  tr { border-bottom: 1px solid var(--line); }
  article { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; margin: 1rem 0; }
  article header { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline; }
  pre { overflow-x: auto; background: color-mix(in srgb, currentColor 6%, transparent); padding: .6rem; border-radius: .3rem; }
  .good { color: #15803d; } .bad { color: #b91c1c; } .dim { opacity: .7; }
  @media (prefers-color-scheme: dark) { .good { color: #4ade80; } .bad { color: #f87171; } }
`;

/** The list of boxes. */
export function boxesPage(boxes: BoxView[]): Html {
  const rows = boxes.map(
    ({ box, received }) =>
      html`<tr>
        <td><a href="/boxes/${box}/view">${box}</a></td>
        <td>${received.length}</td>
        <td>${received.at(-1)?.at ?? 'nothing yet'}</td>
      </tr>`,
  );
  const table = html`<table>
    <thead>
      <tr>
        <th scope="col">Box</th>
        <th scope="col">Callbacks</th>
        <th scope="col">Last at</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
  const empty = html`<p>
    Nothing yet. Send a callback to <code>POST /hooks/any-name</code>, and it shows up here.
  </p>`;
  return page(
    'Callback inbox',
    html`<h1>Callback inbox</h1>
      ${boxes.length === 0 ? empty : table}`,
  );
}

/** What came to one box, newest first. */
export function boxPage({ box, received, secretKnown, answersLeft }: BoxView): Html {
  const secret = secretKnown
    ? 'Signatures are verified.'
    : 'No secret is known, so signatures are not verified.';
  const answers =
    answersLeft === 0 ? 'The next callback is answered 200.' : `Scripted answers left: ${answersLeft}.`;
  const empty = html`<p>Nothing yet. Callbacks go to <code>POST /hooks/${box}</code>.</p>`;
  return page(
    `Box ${box}`,
    html`<p><a href="/">All boxes</a></p>
      <h1>Box ${box}</h1>
      <p class="dim">${secret} ${answers}</p>
      ${received.length === 0 ? empty : received.toReversed().map(callbackArticle)}`,
  );
}

function callbackArticle(callback: Received): Html {
  const body = callback.body === null ? callback.raw : JSON.stringify(callback.body, null, 2);
  const headers = Object.entries(callback.headers).map(([name, value]) => `${name}: ${value}`);
  return html`<article>
    <header>
      <strong>#${callback.number}</strong>
      <time datetime="${callback.at}">${callback.at}</time>
      ${verdict(callback)}
      <span class="dim">answered ${callback.answered}</span>
    </header>
    <pre>${body}${callback.truncated ? '\n… cut here' : ''}</pre>
    <details>
      <summary>${headers.length} headers</summary>
      <pre>${headers.join('\n')}</pre>
    </details>
  </article>`;
}

function verdict({ verified, reason }: Received): Html {
  if (verified === null) return html`<span class="dim">not verified: ${reason}</span>`;
  if (verified) return html`<span class="good">signature verified</span>`;
  return html`<span class="bad">signature does not hold: ${reason}</span>`;
}

function page(title: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="refresh" content="5" />
        <title>${title}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html>`;
}

import { Marked } from 'marked';
import { GUIDE_FILES } from './guide-files.ts';

/** How the guides spell the address of a Ringback that is not known yet. */
const EXAMPLES = ['https://ringback.example.workers.dev', 'https://ringback.your-name.workers.dev'];
const STANDS_FOR = /Below, (`[^`]+`) stands for the address of your Ringback\./g;

/** A text of the guides with the address of this Ringback in the place of the example's. */
export function addressed(text: string, origin: string): string {
  const filled = EXAMPLES.reduce((rest, example) => rest.replaceAll(example, () => origin), text);
  return filled.replaceAll(STANDS_FOR, '$1 is the address of this Ringback.');
}

const markdown = new Marked({
  renderer: {
    // Wide ones are moved sideways, and the page is not.
    table(token) {
      const row = (cells: typeof token.header, tag: string) =>
        `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
      const isNamed = token.header.some(({ text }) => text !== '');
      const head = isNamed ? `<thead>${row(token.header, 'th')}</thead>` : '';
      const body = token.rows.map((cells) => row(cells, 'td')).join('');
      return `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>${head}<tbody>${body}</tbody></table></div>`;
    },
    heading({ tokens, depth, text }) {
      const id = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
      return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>`;
    },
    code({ text }) {
      return `<pre tabindex="0" role="region" aria-label="Code">${escaped(text)}</pre>`;
    },
    link({ href, tokens }) {
      const words = this.parser.parseInline(tokens);
      // Other documents are in the repository, which the Worker does not serve.
      if (href.startsWith('../')) return words;
      return `<a href="${escaped(served(href))}">${words}</a>`;
    },
  },
});

/** Where a link of a guide leads here: to a file of the guides, or to another of them. */
function served(href: string): string {
  if (Object.hasOwn(GUIDE_FILES, href)) return `/guides/files/${href}`;
  return href.replace(/^([a-z0-9-]+)\.md\b/, '/guides/$1');
}

/** A guide as HTML. It is our own text: nothing in it is anybody else's but the address, which is escaped as all text is. */
export function guideHtml(text: string, origin: string): string {
  return markdown.parse(addressed(text, origin), { async: false });
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

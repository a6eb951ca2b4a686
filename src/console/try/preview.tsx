import { Code } from '../components/code.tsx';
import { count } from '../components/time.tsx';
import type { FieldError } from '../../http/problem.ts';
import { exampleBody } from './draft.ts';
import type { Draft } from './draft.ts';
import { Fault } from './fault.tsx';
import { snippetsOf } from './snippets.ts';

interface PreviewProps {
  readonly draft: Draft;
  /** What would be refused, while it is being filled in. */
  readonly faults: readonly FieldError[];
  readonly origin: string;
}

/** What the draft costs, and the same call from elsewhere. */
export function Preview({ draft, faults, origin }: PreviewProps) {
  return (
    <>
      <section class="card price" aria-labelledby="price-title">
        <h2 id="price-title">Price</h2>
        <p role="status">
          {draft.credits === null ? <b>unknown</b> : <b id="credits">{count(draft.credits)}</b>}{' '}
          {draft.credits === null ? '' : 'credits upstream'}
        </p>
        <p class="hint">{priceNote(draft)}</p>
        <Faults faults={faults} draft={draft} />
      </section>
      <section class="card" aria-labelledby="snippets-title">
        <h2 id="snippets-title">The same call from elsewhere</h2>
        <div class="accordion">
          {snippetsOf(origin, exampleBody(draft)).map(({ name, note, text, guide }, i) => (
            <details name="snippets" open={i === 0} id={idOf(name)}>
              <summary>{name}</summary>
              <p class="hint">
                {note} Step by step: <a href={`/guides/${guide}`}>the guide</a>.
              </p>
              <Code id={`${idOf(name)}-text`} label={`call from ${name}`} text={text} />
            </details>
          ))}
        </div>
      </section>
    </>
  );
}

function idOf(name: string): string {
  return `snippet-${name.replaceAll(' ', '-')}`;
}

function priceNote({ model: { credits: price }, credits }: Draft): string {
  if (price === null) return 'Upstream publishes no price for this model.';
  if ('flat' in price) return 'The same for every task.';
  const [per, rates] =
    'per_second' in price ? ['For each second', price.per_second] : ['For each item', price.per_item];
  const listed = Object.entries(rates).map(([resolution, rate]) => `${rate} at ${resolution}`);
  const needed = 'per_second' in price ? 'resolution and duration' : 'resolution';
  const missing = credits === null ? ` Give ${needed}, and the price is known.` : '';
  return `${per}: ${listed.join(', ')}.${missing}`;
}

function Faults({ faults, draft }: Pick<PreviewProps, 'faults' | 'draft'>) {
  if (faults.length === 0) return null;
  return (
    <ul class="faults">
      {faults.map(({ path, message }) => (
        <li>
          <Fault path={path} message={message} draft={draft} />
        </li>
      ))}
    </ul>
  );
}

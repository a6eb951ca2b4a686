import { Code } from '../components/code.tsx';
import { count } from '../components/time.tsx';
import { checked, exampleBody } from './draft.ts';
import type { Draft } from './draft.ts';
import { snippetsOf } from './snippets.ts';

/** What the draft costs, and the same call from elsewhere. */
export function Preview({ draft, origin }: { draft: Draft; origin: string }) {
  return (
    <>
      <section class="card price" aria-labelledby="price-title">
        <h2 id="price-title">Price</h2>
        <p role="status">
          {draft.credits === null ? <b>unknown</b> : <b id="credits">{count(draft.credits)}</b>}{' '}
          {draft.credits === null ? '' : 'credits upstream'}
        </p>
        <p class="hint">{priceNote(draft)}</p>
        <Faults draft={draft} />
      </section>
      <section class="card" aria-labelledby="snippets-title">
        <h2 id="snippets-title">The same call from elsewhere</h2>
        <p class="hint">
          Step by step: <a href="/guides/n8n">the guides</a>.
        </p>
        <div class="accordion">
          {snippetsOf(origin, exampleBody(draft)).map(({ name, note, text }, i) => (
            <details name="snippets" open={i === 0} id={`snippet-${name}`}>
              <summary>{name}</summary>
              <p class="hint">{note}</p>
              <Code id={`snippet-${name}-text`} label={`call from ${name}`} text={text} />
            </details>
          ))}
        </div>
      </section>
    </>
  );
}

function priceNote({ model, credits }: Draft): string {
  const { pricing } = model;
  if (pricing === null) return 'Upstream publishes no price for this model.';
  const rates = Object.entries(pricing.credits).map(([resolution, rate]) => `${rate} at ${resolution}`);
  const per = pricing.per === 'second' ? 'For each second' : 'For each image';
  const missing = credits === null ? ' Give resolution and duration, and the price is known.' : '';
  return `${per}: ${rates.join(', ')}.${missing}`;
}

/** What would be refused, while it is being filled in. */
function Faults({ draft }: { draft: Draft }) {
  const result = checked(draft);
  if (result.ok) return null;
  return (
    <ul class="faults">
      {result.errors.map(({ path, message }) => (
        <li>
          <code>{path}</code> {message}
        </li>
      ))}
    </ul>
  );
}

import type { CatalogEntry } from '../../domain/models/catalog.ts';
import type { Credits } from '../../domain/models/model.ts';
import { Badge } from '../components/state.tsx';
import { PageHead } from '../layout.tsx';

/** Every model, and what the operator can do with it. */
export function ModelsPage({ entries }: { entries: readonly CatalogEntry[] }) {
  return (
    <>
      <PageHead title="Models" note="What clients may ask for. A change takes effect without a deploy.">
        <a class="button primary" href="/console/new-model">
          Add a model
        </a>
      </PageHead>
      <div class="card flush">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Makes</th>
              <th scope="col">Price</th>
              <th scope="col">State</th>
              <th scope="col">
                <span class="hidden">What to do</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <ModelLine entry={entry} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function ModelLine({ entry: { model, isBuiltin, isDisabled } }: { entry: CatalogEntry }) {
  return (
    <tr class={isDisabled ? 'gone' : undefined}>
      <th scope="row">
        {isBuiltin ? model.title : <a href={`/console/models/${model.id}`}>{model.title}</a>}
        <span class="sub mono">{model.id}</span>
      </th>
      <td data-label="Makes">{model.media}</td>
      <td data-label="Price">{priceOf(model.credits)}</td>
      <td data-label="State">
        <Badge tone={isDisabled ? 'idle' : 'good'}>{isDisabled ? 'disabled' : 'in use'}</Badge>
        {isBuiltin ? <span class="sub">built in</span> : null}
      </td>
      <td>
        <form method="post" action={`/console/models/${model.id}/${isDisabled ? 'enable' : 'disable'}`}>
          <button type="submit" class="quiet">
            {isDisabled ? 'Enable' : 'Disable'}
            <span class="hidden"> {model.id}</span>
          </button>
        </form>
      </td>
    </tr>
  );
}

function priceOf(credits: Credits | null): string {
  if (credits === null) return 'not known';
  if ('flat' in credits) return `${credits.flat} a task`;
  const [per, rates] =
    'per_second' in credits ? ['a second', credits.per_second] : ['an item', credits.per_item];
  const values = Object.values(rates);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${least === most ? least : `${least} to ${most}`} ${per}`;
}

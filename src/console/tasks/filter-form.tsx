import { CALLBACK_STATES } from '../../domain/task-with-delivery.ts';
import type { Client } from '../../domain/client.ts';
import type { TaskQuery } from '../../store/task-search.ts';
import { Icon } from '../components/icon.tsx';
import { asField, isFiltered, STATES } from './filters.ts';

interface FiltersProps {
  readonly filters: TaskQuery;
  /** Empty: nobody is asked whose tasks. */
  readonly clients: readonly Client[];
  readonly modelIds: readonly string[];
}

/** What the list is narrowed by. */
export function Filters({ filters, clients, modelIds }: FiltersProps) {
  return (
    <form class="filters" method="get" action="/console/tasks" role="search" data-autosubmit="">
      <label class="search">
        <span class="hidden">Id or text of the metadata</span>
        <Icon name="search" />
        <input type="search" name="q" value={filters.text ?? ''} placeholder="Id or metadata" />
      </label>
      <Choice name="state" label="State" any="Any state" values={STATES} chosen={filters.state} />
      <Choice
        name="callback"
        label="Callback"
        any="Any callback"
        values={CALLBACK_STATES}
        chosen={filters.callbackState}
      />
      <Choice name="model" label="Model" any="Any model" values={modelIds} chosen={filters.model} />
      {clients.length === 0 ? null : (
        <label>
          <span class="hidden">Client</span>
          <select name="client">
            <option value="">Any client</option>
            {clients.map(({ id, name }) => (
              <option value={id} selected={id === filters.clientId}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <details
        id="more-filters"
        open={[filters.host, filters.since, filters.until].some((one) => (one ?? null) !== null)}
      >
        <summary>Receiver and time</summary>
        <div>
          <label class="moment">
            <span>Receiver</span>
            <input type="text" name="host" value={filters.host ?? ''} placeholder="hooks.example.com" />
          </label>
          <Moment name="since" label="From (UTC)" at={filters.since} />
          <Moment name="until" label="Until (UTC)" at={filters.until} />
        </div>
      </details>
      <button type="submit">Find</button>
      {isFiltered(filters) ? <a href="/console/tasks">Clear</a> : null}
    </form>
  );
}

function Moment({ name, label, at }: { name: string; label: string; at: number | null | undefined }) {
  return (
    <label class="moment">
      <span>{label}</span>
      <input type="datetime-local" name={name} value={asField(at) ?? ''} />
    </label>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly any: string;
  readonly values: readonly string[];
  readonly chosen: string | null;
}

function Choice({ name, label, any, values, chosen }: ChoiceProps) {
  return (
    <label>
      <span class="hidden">{label}</span>
      <select name={name}>
        <option value="">{any}</option>
        {values.map((value) => (
          <option value={value} selected={value === chosen}>
            {name === 'callback' ? `Callback ${value}` : value}
          </option>
        ))}
      </select>
    </label>
  );
}

import { MODELS } from '../../domain/models/catalog.ts';
import type { ProblemError } from '../../http/problem.ts';
import type { Client } from '../../store/clients.ts';
import { Empty, Notice } from '../components/notice.tsx';
import { PageHead } from '../layout.tsx';
import type { CallbackChoice, Draft } from './draft.ts';
import { FieldInput } from './field-input.tsx';
import { Preview } from './preview.tsx';

interface TryProps {
  readonly draft: Draft;
  /** Whose task it can be; null where it is the viewer's own. */
  readonly clients: readonly Client[] | null;
  readonly problem: ProblemError | null;
  readonly origin: string;
}

/** The form, and beside it what it says so far. */
export function TryPage({ draft, clients, problem, origin }: TryProps) {
  const note = 'Posts a real task: it runs upstream, and is charged there.';
  if (clients !== null && clients.length === 0) {
    return (
      <>
        <PageHead title="Try it" note={note} />
        <Empty title="A task belongs to a client, and there is none yet">
          <a href="/console/clients">Make the first one</a>
        </Empty>
      </>
    );
  }
  return (
    <>
      <PageHead title="Try it" note={note} />
      {problem === null ? null : <Refusal problem={problem} />}
      <div class="columns try">
        <form
          method="post"
          action="/console/try"
          id="try"
          data-preview="/console/try/preview"
          data-target="preview"
        >
          <TaskFields draft={draft} clients={clients} problem={problem} />
          <div class="actions">
            <button type="submit" class="primary" id="post">
              Post the task
            </button>
            <button type="submit" name="action" value="update" class="without-script" formnovalidate>
              Update price and code
            </button>
          </div>
        </form>
        <div id="preview" aria-live="polite">
          <Preview draft={draft} origin={origin} />
        </div>
      </div>
    </>
  );
}

function Refusal({ problem }: { problem: ProblemError }) {
  const errors = problem.errors;
  return (
    <Notice
      tone="bad"
      title={errors.length === 0 ? problem.message : 'The task was not posted'}
      isAlert={true}
    >
      {errors.length === 0 ? null : (
        <ul>
          {errors.map(({ path, message }) => (
            <li>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

/** What few people touch. */
const EXTRAS = new Set(['generate_audio', 'web_search', 'nsfw_checker', 'ratio']);

function TaskFields({ draft, clients, problem }: Omit<TryProps, 'origin'>) {
  const faultOf = (path: string) =>
    problem?.errors.find((error) => error.path === path || error.path.startsWith(`${path}.`))?.message ??
    null;
  const shown = (extra: boolean) =>
    draft.fields
      .filter(({ name }) => EXTRAS.has(name) === extra)
      .map((field) => (
        <FieldInput
          field={field}
          value={draft.values[`input.${field.name}`] ?? ''}
          fault={faultOf(`input.${field.name}`)}
        />
      ));
  return (
    <div class="card stack">
      {clients === null ? null : <ClientChoice clients={clients} chosen={draft.values['client'] ?? ''} />}
      <label class="field">
        <span>Model</span>
        <select name="model" data-reload="/console/try">
          {MODELS.map(({ id, title }) => (
            <option value={id} selected={id === draft.model.id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {shown(false)}
      <details>
        <summary>More options</summary>
        <div class="stack">{shown(true)}</div>
      </details>
      <CallbackFields
        choice={draft.callback}
        url={draft.values['callback_url'] ?? ''}
        fault={faultOf('callback_url')}
      />
      <label class="field">
        <span>
          Metadata <small>optional</small>
        </span>
        <textarea name="metadata" rows={2} placeholder="row = 42" spellcheck={false}>
          {draft.values['metadata'] ?? ''}
        </textarea>
        <small class="hint">One name = value a line. It comes back with the callback.</small>
      </label>
    </div>
  );
}

function ClientChoice({ clients, chosen }: { clients: readonly Client[]; chosen: string }) {
  return (
    <label class="field">
      <span>Client</span>
      <select name="client" required>
        {clients.map(({ id, name }) => (
          <option value={id} selected={id === chosen}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const CHOICES: readonly { value: CallbackChoice; title: string; note: string }[] = [
  { value: 'inbox', title: 'Built-in inbox', note: 'Shown here, and kept for an hour.' },
  { value: 'url', title: 'A URL of mine', note: 'Signed with the client’s secret.' },
  { value: 'none', title: 'None', note: 'Ask for the task yourself.' },
];

function CallbackFields({
  choice,
  url,
  fault,
}: {
  choice: CallbackChoice;
  url: string;
  fault: string | null;
}) {
  return (
    <fieldset class="field callback-choice">
      <legend>Callback</legend>
      <div class="choices">
        {CHOICES.map(({ value, title, note }) => (
          <label>
            <input type="radio" name="callback" value={value} checked={value === choice} />
            <span>
              <strong>{title}</strong>
              <small>{note}</small>
            </span>
          </label>
        ))}
      </div>
      <label class="callback-url">
        <span class="hidden">Callback URL</span>
        <input
          type="url"
          name="callback_url"
          value={url}
          placeholder="https://hooks.example.com/your-hook"
          aria-invalid={fault === null ? undefined : 'true'}
        />
      </label>
      {fault === null ? null : <small class="fault">{fault}</small>}
    </fieldset>
  );
}

import type { FieldError, ProblemError } from '../../http/problem.ts';
import type { Client } from '../../domain/client.ts';
import { Empty, Notice } from '../components/notice.tsx';
import { PageHead } from '../layout.tsx';
import type { Draft } from './draft.ts';
import { CallbackFields } from './callback-fields.tsx';
import { Fault, isAt } from './fault.tsx';
import { FieldInput } from './field-input.tsx';
import { otherOf } from './form-body.ts';
import type { Field } from './fields.ts';
import { Preview } from './preview.tsx';

interface TryProps {
  readonly draft: Draft;
  readonly faults: readonly FieldError[];
  /** Whose task it can be; null where it is the viewer's own. */
  readonly clients: readonly Client[] | null;
  readonly problem: ProblemError | null;
  readonly origin: string;
}

/** The form, and beside it what it says so far. */
export function TryPage({ draft, faults, clients, problem, origin }: TryProps) {
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
      {problem === null ? null : <Refusal problem={problem} draft={draft} />}
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
          <Preview draft={draft} faults={problem === null ? faults : []} origin={origin} />
        </div>
      </div>
    </>
  );
}

function Refusal({ problem, draft }: { problem: ProblemError; draft: Draft }) {
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
              <Fault path={path} message={message} draft={draft} />
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

/** What most people touch stands first; other references and switches are under "More options", unless the model needs them. */
const FIRST = new Set(['prompt', 'resolution', 'duration', 'ratio', 'aspect_ratio', 'reference_image_urls']);

function isFirst({ name, isRequired }: Field): boolean {
  return isRequired || FIRST.has(name);
}

/** What a video is made from stands before the words about it. */
function listsFirst(a: Field, b: Field): number {
  return Number(b.kind === 'list') - Number(a.kind === 'list');
}

function TaskFields({ draft, clients, problem }: Omit<TryProps, 'origin' | 'faults'>) {
  const { fields, values } = draft;
  const faultOf = (path: string) => problem?.errors.find((error) => isAt(error.path, path))?.message ?? null;
  const first = problem?.errors[0]?.path ?? '';
  const input = (field: Field) => (
    <FieldInput
      field={field}
      value={values[`input.${field.name}`] ?? ''}
      fault={faultOf(`input.${field.name}`)}
      hasFocus={isAt(first, `input.${field.name}`)}
      other={values[otherOf(field.name)] ?? ''}
    />
  );
  const [long, short] = [
    fields.filter(isFirst).filter(isLong).toSorted(listsFirst),
    fields.filter(isFirst).filter((field) => !isLong(field)),
  ];
  const more = fields.filter((field) => !isFirst(field));
  return (
    <div class="card stack">
      {clients === null ? null : (
        <ClientChoice clients={clients} chosen={values['client'] ?? ''} fault={faultOf('client')} />
      )}
      <label class="field">
        <span>Model</span>
        <select name="model" data-reload="">
          {draft.models.map(({ id, title }) => (
            <option value={id} selected={id === draft.model.id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {long.map(input)}
      <div class="row">{short.map(input)}</div>
      {more.length === 0 ? null : (
        <details
          id="more"
          open={more.some(
            ({ name }) => (values[`input.${name}`] ?? '') !== '' || faultOf(`input.${name}`) !== null,
          )}
        >
          <summary>More options</summary>
          <div class="stack">{more.map(input)}</div>
        </details>
      )}
      <CallbackFields
        choice={draft.callback}
        url={values['callback_url'] ?? ''}
        fault={faultOf('callback_url')}
      />
      <Metadata text={values['metadata'] ?? ''} fault={faultOf('metadata')} />
    </div>
  );
}

function isLong({ kind }: Field): boolean {
  return kind === 'long-text' || kind === 'list';
}

function Metadata({ text, fault }: { text: string; fault: string | null }) {
  return (
    <label class="field">
      <span>
        Metadata <small>optional</small>
      </span>
      <textarea id="metadata" name="metadata" rows={2} placeholder="row = 42" spellcheck={false}>
        {text}
      </textarea>
      {fault === null ? null : <small class="fault">{fault}</small>}
      <small class="hint">One name = value a line. It comes back with the callback.</small>
    </label>
  );
}

interface ClientChoiceProps {
  readonly clients: readonly Client[];
  readonly chosen: string;
  readonly fault: string | null;
}

/** Nobody is chosen from the start: the task would be charged to whoever stands first. */
function ClientChoice({ clients, chosen, fault }: ClientChoiceProps) {
  return (
    <label class="field">
      <span>Client</span>
      <select name="client" id="client" required aria-invalid={fault === null ? undefined : 'true'}>
        {clients.length === 1 ? null : <option value="">Choose a client</option>}
        {clients.map(({ id, name }) => (
          <option value={id} selected={id === chosen}>
            {name}
          </option>
        ))}
      </select>
      {fault === null ? null : <small class="fault">{fault}</small>}
    </label>
  );
}

import { MEDIA } from '../../domain/models/model.ts';
import type { Model } from '../../domain/models/model.ts';
import type { FieldError, ProblemError } from '../../http/problem.ts';
import { Notice } from '../components/notice.tsx';
import { PageHead } from '../layout.tsx';
import { PRICES } from './form.ts';
import type { ModelValues } from './form.ts';
import { ModelPreview } from './preview.tsx';

export interface ModelPageProps {
  readonly values: ModelValues;
  readonly isNew: boolean;
  readonly preview: Model | readonly FieldError[];
  readonly problem?: ProblemError | null;
  readonly note?: string | null;
}

/** A model's form, and beside it the form that clients will see. */
export function ModelPage({ values, isNew, preview, problem = null, note = null }: ModelPageProps) {
  const id = values['id'] ?? '';
  return (
    <>
      <PageHead
        title={isNew ? 'Add a model' : id}
        note="An id, a title, a schema and a price: as upstream documents them."
      />
      {problem === null ? null : <Refusal problem={problem} />}
      {note === null ? null : <Notice tone="idle" title={note} isAlert={true} />}
      <div class="columns try">
        <div>
          <form
            method="post"
            action={isNew ? '/console/new-model' : `/console/models/${id}`}
            class="card stack"
            data-preview="/console/new-model/preview"
            data-target="preview"
          >
            <Example isNew={isNew} values={values} />
            <Fields values={values} isNew={isNew} />
            <div class="actions">
              <button type="submit" name="action" value="save" class="primary">
                {isNew ? 'Add the model' : 'Save'}
              </button>
            </div>
          </form>
          {isNew ? null : <Delete id={id} />}
        </div>
        <div id="preview" aria-live="polite">
          <ModelPreview model={preview} />
        </div>
      </div>
    </>
  );
}

function Refusal({ problem }: { problem: ProblemError }) {
  return (
    <Notice
      tone="bad"
      title={problem.errors.length === 0 ? problem.message : 'The model was not saved'}
      isAlert={true}
    >
      {problem.errors.length === 0 ? null : (
        <ul>
          {problem.errors.map(({ path, message }) => (
            <li>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

function Example({ isNew, values }: { isNew: boolean; values: ModelValues }) {
  return (
    <details open={isNew}>
      <summary>Begin with upstream’s example</summary>
      <div class="field inset">
        <label for="example">
          Example request <small>optional</small>
        </label>
        <textarea id="example" name="example" rows={5} spellcheck={false} aria-describedby="example-hint">
          {values['example'] ?? ''}
        </textarea>
        <small class="hint" id="example-hint">
          Paste it as upstream’s document shows it, a curl command too. It becomes a schema, which replaces
          the one below.
        </small>
      </div>
      <button type="submit" name="action" value="draft" formnovalidate>
        Draft the schema
      </button>
    </details>
  );
}

function Fields({ values, isNew }: { values: ModelValues; isNew: boolean }) {
  return (
    <>
      <div class="field">
        <label for="id">Id, as upstream spells it</label>
        <input
          id="id"
          name="id"
          value={values['id'] ?? ''}
          required
          readonly={!isNew}
          autocomplete="off"
          spellcheck={false}
        />
      </div>
      <div class="field">
        <label for="title">Title</label>
        <input id="title" name="title" value={values['title'] ?? ''} required autocomplete="off" />
      </div>
      <div class="two">
        <Select
          name="media"
          title="It makes"
          options={MEDIA.map((one) => [one, one] as const)}
          chosen={values['media'] ?? ''}
        />
        <Select name="price" title="Price" options={PRICES} chosen={values['price'] ?? ''} />
      </div>
      <div class="field">
        <label for="rates">
          Credits <small>optional</small>
        </label>
        <textarea id="rates" name="rates" rows={3} spellcheck={false} aria-describedby="rates-hint">
          {values['rates'] ?? ''}
        </textarea>
        <small class="hint" id="rates-hint">
          A line for each resolution, such as <code>720p = 80</code>; or the one number.
        </small>
      </div>
      <div class="field">
        <label for="schema">Schema of the input</label>
        <textarea
          id="schema"
          name="schema"
          rows={18}
          class="mono"
          required
          spellcheck={false}
          aria-describedby="schema-hint"
        >
          {values['schema'] ?? ''}
        </textarea>
        <small class="hint" id="schema-hint">
          JSON Schema: fields of type string, number, integer, boolean, or a list of these.
        </small>
      </div>
    </>
  );
}

interface SelectProps {
  readonly name: string;
  readonly title: string;
  readonly options: readonly (readonly [string, string])[];
  readonly chosen: string;
}

function Select({ name, title, options, chosen }: SelectProps) {
  return (
    <div class="field">
      <label for={name}>{title}</label>
      <select id={name} name={name}>
        {options.map(([value, words]) => (
          <option value={value} selected={value === chosen}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

function Delete({ id }: { id: string }) {
  return (
    <form method="post" action={`/console/models/${id}/delete`} class="card stack">
      <h2>Delete</h2>
      <p class="hint">
        New tasks of it are refused; those that run go on. To keep its definition, disable it instead.
      </p>
      <div>
        <button type="submit" class="danger">
          Delete the model
        </button>
      </div>
    </form>
  );
}

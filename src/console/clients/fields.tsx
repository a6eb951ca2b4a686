import type { FieldError } from '../../http/problem.ts';
import { DEFAULT_MAX_QUEUED } from '../../store/stock.ts';
import { count } from '../components/time.tsx';

interface FieldsProps {
  readonly typed: Readonly<Record<string, string>>;
  readonly errors: readonly FieldError[];
  readonly hasOwnKey: boolean;
}

/** The fields of a client, for making and for changing one. */
export function ClientFields({ typed, errors, hasOwnKey }: FieldsProps) {
  const common = (name: string) => ({
    name,
    value: typed[name] ?? '',
    fault: errors.find(({ path }) => path === name)?.message ?? null,
  });
  return (
    <>
      <TextField
        {...common('name')}
        title="Name"
        hint="Who posts tasks with it: a tool, an app, a team."
        isRequired={true}
      />
      <div class="two">
        <TextField
          {...common('max_active_tasks')}
          title="Active tasks, at most"
          hint="Others wait here."
          isNumber={true}
        />
        <TextField
          {...common('daily_credit_limit')}
          title="Credits a day, at most"
          hint="By the UTC day."
          isNumber={true}
        />
      </div>
      <TextField
        {...common('max_queued_tasks')}
        title="Waiting tasks, at most"
        hint={`Beyond that a post is refused. ${count(DEFAULT_MAX_QUEUED)} unless given.`}
        isNumber={true}
      />
      <TextField
        {...common('failure_callback_url')}
        title="Failure URL"
        hint="Called once for each callback of this client that is given up."
      />
      <TextField
        {...common('upstream_api_key')}
        value=""
        title="Upstream key of its own"
        hint={
          hasOwnKey
            ? 'It has one. Enter another to replace it.'
            : "Without it the operator's is used. Kept sealed."
        }
        isSecret={true}
      />
      <input type="hidden" name="keep_results" value="false" />
      <label class="check">
        <input type="checkbox" name="keep_results" value="true" checked={typed['keep_results'] !== 'false'} />
        <span>
          Results are kept{' '}
          <small class="hint">
            as files of this Ringback, where it has a bucket; else upstream links are told
          </small>
        </span>
      </label>
      <label class="check">
        <input type="checkbox" name="callback_jwt" value="true" checked={typed['callback_jwt'] === 'true'} />
        <span>
          Callbacks carry a JWT too <small class="hint">for tools that check a token and no signature</small>
        </span>
      </label>
    </>
  );
}

interface TextFieldProps {
  readonly name: string;
  readonly value: string;
  readonly fault: string | null;
  readonly title: string;
  readonly hint: string;
  readonly isRequired?: boolean;
  readonly isNumber?: boolean;
  readonly isSecret?: boolean;
}

function TextField({ name, value, fault, title, hint, ...is }: TextFieldProps) {
  const hintId = `${name}-hint`;
  return (
    <div class="field">
      <label for={name}>
        {title} {is.isRequired === true ? null : <small>optional</small>}
      </label>
      <input
        id={name}
        name={name}
        value={value}
        type={is.isSecret === true ? 'password' : 'text'}
        inputmode={is.isNumber === true ? 'numeric' : undefined}
        autocomplete="off"
        required={is.isRequired}
        aria-describedby={hintId}
        aria-invalid={fault === null ? undefined : 'true'}
      />
      {fault === null ? null : <small class="fault">{fault}</small>}
      <small class="hint" id={hintId}>
        {hint}
      </small>
    </div>
  );
}

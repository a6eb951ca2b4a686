import type { Field } from './fields.ts';
import { OTHER, otherOf } from './form-body.ts';

interface InputProps {
  readonly field: Field;
  readonly value: string;
  readonly fault: string | null;
  /** The first that is at fault. */
  readonly hasFocus: boolean;
  /** What a field beside it says, where there is one. */
  readonly other: string;
}

/** One field of the input, by what it takes. */
export function FieldInput(props: InputProps) {
  const { field, fault } = props;
  const { name, isRequired, description } = field;
  const id = `input.${name}`;
  const hint = `${id}-hint`;
  return (
    <div class="field">
      <label for={id}>
        {nameOf(name)} {isRequired ? null : <small>optional</small>}
      </label>
      <Control {...props} />
      {fault === null ? null : (
        <small class="fault" id={`${id}-fault`}>
          {fault}
        </small>
      )}
      {description === '' ? null : (
        <small class="hint" id={hint}>
          <Description text={description} />
          {field.kind === 'list' ? ' One a line.' : ''}
        </small>
      )}
    </div>
  );
}

/** Words in backquotes are names of fields. */
function Description({ text }: { text: string }) {
  return <>{text.split('`').map((part, i) => (i % 2 === 1 ? <code>{part}</code> : part))}</>;
}

function Control({ field, value, fault, hasFocus, other }: InputProps) {
  const { name, kind, isRequired, choices, fallback } = field;
  const id = `input.${name}`;
  const common = {
    id,
    name: id,
    'aria-describedby': fault === null ? `${id}-hint` : `${id}-fault ${id}-hint`,
    autofocus: hasFocus,
    'aria-invalid': fault === null ? undefined : ('true' as const),
  };
  switch (kind) {
    case 'long-text':
      return (
        <textarea {...common} rows={4} required={isRequired} dir="auto">
          {value}
        </textarea>
      );
    case 'list':
      return (
        <textarea {...common} rows={2} required={isRequired} spellcheck={false} placeholder="https://…">
          {value}
        </textarea>
      );
    case 'choice':
      return (
        <select {...common} required={isRequired}>
          <option value="">Upstream decides</option>
          {choices.map((choice) => (
            <option value={choice} selected={choice === value}>
              {choice}
            </option>
          ))}
        </select>
      );
    case 'shape':
      return <ShapeInput field={field} value={value} other={other} common={common} />;
    case 'flag':
      return (
        <select {...common}>
          <option value="">
            {fallback === null
              ? 'Upstream decides'
              : `As upstream has it: ${fallback === 'true' ? 'yes' : 'no'}`}
          </option>
          <option value="true" selected={value === 'true'}>
            Yes
          </option>
          <option value="false" selected={value === 'false'}>
            No
          </option>
        </select>
      );
    case 'number':
      return (
        <input {...common} type="number" step="any" inputmode="decimal" value={value} required={isRequired} />
      );
    case 'text':
      return <input {...common} type="text" value={value} required={isRequired} />;
  }
}

interface ShapeProps extends Pick<InputProps, 'field' | 'value' | 'other'> {
  readonly common: Record<string, unknown>;
}

/** One of the usual shapes, or any other, written beside them. */
function ShapeInput({ field: { name, isRequired, choices }, value, other, common }: ShapeProps) {
  return (
    <span class="shape">
      <select {...common} required={isRequired}>
        <option value="">Upstream decides</option>
        {[...choices, OTHER].map((choice) => (
          <option value={choice} selected={choice === value}>
            {choice}
          </option>
        ))}
      </select>
      <input type="text" name={otherOf(name)} value={other} placeholder="21:9" aria-label="Other shape" />
    </span>
  );
}

/** `image_urls` as a person would say it. */
export function nameOf(name: string): string {
  if (name === 'ratio' || name === 'aspect_ratio') return 'Shape';
  const words = name.replaceAll('_', ' ').replace(/\burls?\b/, (word) => (word === 'url' ? 'URL' : 'URLs'));
  return words.charAt(0).toUpperCase() + words.slice(1).replace(/\bnsfw\b/i, 'NSFW');
}

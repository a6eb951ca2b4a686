import { Choice, emptyOf } from './choice.tsx';
import type { CommonProps } from './choice.tsx';
import type { Field } from './fields.ts';
import { OTHER, otherOf } from './form-body.ts';

interface InputProps {
  readonly field: Field;
  readonly value: string;
  readonly fault: string | null;
  /** The first that is at fault. */
  readonly hasFocus?: boolean;
  /** What a field beside it says, where there is one. */
  readonly other?: string;
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

function Control({ field, value, fault, hasFocus = false, other = '' }: InputProps) {
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
        <textarea
          {...common}
          rows={2}
          required={isRequired}
          spellcheck={false}
          placeholder={field.isUrl ? 'https://…' : undefined}
        >
          {value}
        </textarea>
      );
    case 'choice':
      return (
        <Choice {...common} required={isRequired} value={value} empty={emptyOf(fallback)} options={choices} />
      );
    case 'shape':
      return <ShapeInput field={field} value={value} other={other} common={common} />;
    case 'flag':
      return <Choice {...common} value={value} empty={emptyOf(fallback)} options={['true', 'false']} />;
    case 'number':
      return (
        <input
          {...common}
          type="number"
          step="any"
          inputmode="decimal"
          value={value}
          placeholder={fallback ?? undefined}
          required={isRequired}
        />
      );
    case 'text':
      return (
        <input
          {...common}
          type="text"
          value={value}
          placeholder={fallback ?? undefined}
          required={isRequired}
        />
      );
  }
}

interface ShapeProps extends Pick<InputProps, 'field' | 'value'> {
  readonly other: string;
  readonly common: CommonProps;
}

/** One of the usual shapes, or any other, written beside them. */
function ShapeInput({ field, value, other, common }: ShapeProps) {
  const { name, isRequired, choices, fallback } = field;
  return (
    <span class="shape">
      <Choice
        {...common}
        required={isRequired}
        value={value}
        empty={emptyOf(fallback)}
        options={[...choices, OTHER]}
      />
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

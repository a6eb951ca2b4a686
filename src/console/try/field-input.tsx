import type { Field } from './fields.ts';

interface InputProps {
  readonly field: Field;
  readonly value: string;
  readonly fault: string | null;
}

/** One field of the input, by what it takes. */
export function FieldInput({ field, value, fault }: InputProps) {
  const { name, isRequired, description } = field;
  const id = `input.${name}`;
  const hint = `${id}-hint`;
  return (
    <div class="field">
      <label for={id}>
        {nameOf(name)} {isRequired ? null : <small>optional</small>}
      </label>
      <Control field={field} value={value} fault={fault} />
      {fault === null ? null : <small class="fault">{fault}</small>}
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

function Control({ field, value, fault }: InputProps) {
  const { name, kind, isRequired, choices, fallback } = field;
  const id = `input.${name}`;
  const common = {
    id,
    name: id,
    'aria-describedby': `${id}-hint`,
    'aria-invalid': fault === null ? undefined : ('true' as const),
  };
  switch (kind) {
    case 'long-text':
      return (
        <textarea {...common} rows={4} required={isRequired}>
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
        <select {...common} required={isRequired}>
          <option value="">
            {fallback === null ? 'Upstream decides' : `As upstream has it: ${fallback}`}
          </option>
          {choices.map((choice) => (
            <option value={choice} selected={choice === value}>
              {choice}
            </option>
          ))}
        </select>
      );
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

/** `image_urls` as a person would say it. */
function nameOf(name: string): string {
  const words = name.replaceAll('_', ' ').replace(/\burls?\b/, (word) => (word === 'url' ? 'URL' : 'URLs'));
  return words.charAt(0).toUpperCase() + words.slice(1).replace(/\bnsfw\b/i, 'NSFW');
}

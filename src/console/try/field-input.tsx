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
        <Choice {...common} required={isRequired} value={value} empty={emptyOf(fallback)} options={choices} />
      );
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

const YES_OR_NO: Readonly<Record<string, string>> = { true: 'yes', false: 'no' };

/** What holds where nothing is chosen. */
function emptyOf(fallback: string | null): string {
  return fallback === null ? 'Upstream decides' : `As upstream has it: ${YES_OR_NO[fallback] ?? fallback}`;
}

const LABELS: Readonly<Record<string, string>> = { true: 'Yes', false: 'No' };

interface ChoiceProps {
  readonly id: string;
  readonly name: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': 'true' | undefined;
  readonly required?: boolean;
  readonly value: string;
  readonly empty: string;
  readonly options: readonly string[];
}

function Choice({ value, empty, options, ...common }: ChoiceProps) {
  return (
    <select {...common}>
      <option value="">{empty}</option>
      {options.map((option) => (
        <option value={option} selected={option === value}>
          {LABELS[option] ?? option}
        </option>
      ))}
    </select>
  );
}

/** `image_urls` as a person would say it. */
function nameOf(name: string): string {
  const words = name.replaceAll('_', ' ').replace(/\burls?\b/, (word) => (word === 'url' ? 'URL' : 'URLs'));
  return words.charAt(0).toUpperCase() + words.slice(1).replace(/\bnsfw\b/i, 'NSFW');
}

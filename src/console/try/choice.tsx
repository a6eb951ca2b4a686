const YES_OR_NO: Readonly<Record<string, string>> = { true: 'yes', false: 'no' };

/** What holds where nothing is chosen. */
export function emptyOf(fallback: string | null): string {
  return fallback === null ? 'Upstream decides' : `As upstream has it: ${YES_OR_NO[fallback] ?? fallback}`;
}

const LABELS: Readonly<Record<string, string>> = { true: 'Yes', false: 'No' };

/** What every control of a field has. */
export interface CommonProps {
  readonly id: string;
  readonly name: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': 'true' | undefined;
  readonly autofocus: boolean;
}

interface ChoiceProps extends CommonProps {
  readonly required?: boolean;
  readonly value: string;
  /** What stands for nothing chosen. */
  readonly empty: string;
  readonly options: readonly string[];
}

/** One of several, or none. */
export function Choice({ value, empty, options, ...common }: ChoiceProps) {
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

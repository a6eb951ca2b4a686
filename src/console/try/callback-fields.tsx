import type { CallbackChoice } from './draft.ts';

const CHOICES: readonly { value: CallbackChoice; title: string; note: string }[] = [
  { value: 'inbox', title: 'Built-in inbox', note: 'Shown here, and kept for an hour.' },
  { value: 'url', title: 'A URL of mine', note: 'Signed with the client’s secret.' },
  { value: 'none', title: 'None', note: 'Ask for the task yourself.' },
];

/** Where the end of the task is told. */
export function CallbackFields({
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
          id="callback_url"
          value={url}
          placeholder="https://hooks.example.com/your-hook"
          aria-invalid={fault === null ? undefined : 'true'}
        />
      </label>
      {fault === null ? null : <small class="fault">{fault}</small>}
    </fieldset>
  );
}

import { Icon } from './icon.tsx';

/** A text to read and to copy. */
export function Code({ id, text, label }: { id: string; text: string; label: string }) {
  return (
    <div class="code">
      <CopyButton of={id} label={label} />
      <pre id={id} tabindex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  );
}

/** Copies the text of an element; without a script there is nothing to press. */
export function CopyButton({ of, label, words = 'Copy' }: { of: string; label: string; words?: string }) {
  return (
    <button type="button" class="copy" data-copy={of} aria-label={`Copy ${label}`} hidden>
      <Icon name="copy" />
      <span>{words}</span>
    </button>
  );
}

/** JSON for people: indented. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

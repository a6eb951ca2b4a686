import type { Draft } from './draft.ts';
import { nameOf } from './field-input.tsx';

/** The fault of a field, in the form's words: what it is called there, and where it stands. */
export function Fault({ path, message, draft }: { path: string; message: string; draft: Draft }) {
  const field = draft.fields.find(({ name }) => isAt(path, `input.${name}`));
  const other = { callback_url: 'Callback URL', metadata: 'Metadata', client: 'Client' }[path];
  if (field === undefined && other === undefined)
    return (
      <>
        <code>{path}</code> {message}
      </>
    );
  const line = field?.kind === 'list' ? /\.(\d+)$/.exec(path)?.[1] : undefined;
  const words = field === undefined ? other : nameOf(field.name);
  return (
    <>
      <a href={`#${field === undefined ? path : `input.${field.name}`}`}>{words}</a>
      {line === undefined ? '' : `, line ${Number(line) + 1}`}: {message}
    </>
  );
}

/** Whether a fault is of this field, or of a part of it. */
export function isAt(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`);
}

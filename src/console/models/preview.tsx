import type { Model } from '../../domain/models/model.ts';
import type { FieldError } from '../../http/problem.ts';
import { FieldInput } from '../try/field-input.tsx';
import { fieldsOf } from '../try/fields.ts';

/** The form that clients will see, or what keeps it from being one. */
export function ModelPreview({ model }: { model: Model | readonly FieldError[] }) {
  return (
    <section class="card stack" aria-labelledby="preview-title">
      <h2 id="preview-title">Its form</h2>
      {'id' in model ? (
        <fieldset class="stack" disabled>
          <legend class="hidden">As clients will see it</legend>
          {fieldsOf(model).map((field) => (
            <FieldInput field={field} value="" fault={null} />
          ))}
        </fieldset>
      ) : (
        <ul class="faults">
          {model.map(({ path, message }) => (
            <li>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

type Form = Readonly<Record<string, unknown>>;

/** What was typed, to stand in the form again where it was refused; a secret is typed anew. */
export function typedOf(form: Form): Record<string, string> {
  return Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) =>
      typeof value === 'string' && name !== 'upstream_api_key' ? [[name, value]] : [],
    ),
  );
}

/** The body of `POST /admin/clients` that a form says: what was left empty is absent. */
export function newClientOf(form: Form): Record<string, unknown> {
  return {
    name: text(form, 'name') ?? '',
    upstream_api_key: text(form, 'upstream_api_key'),
    max_active_tasks: wholeNumber(form, 'max_active_tasks'),
    daily_credit_limit: wholeNumber(form, 'daily_credit_limit'),
    max_queued_tasks: wholeNumber(form, 'max_queued_tasks'),
    callback_jwt: form['callback_jwt'] === 'true',
    // A box that is not ticked is sent as nothing: a hidden field before it says no.
    keep_results: form['keep_results'] !== 'false',
    failure_callback_url: text(form, 'failure_callback_url'),
  };
}

/** The body of `PATCH /admin/clients/{id}`: an emptied field removes; the upstream key stays unless one is given. */
export function changesOf(form: Form): Record<string, unknown> {
  const { upstream_api_key: key, ...rest } = newClientOf(form);
  const removesKey = form['remove_upstream_api_key'] === 'true';
  return {
    ...rest,
    ...(removesKey ? { upstream_api_key: null } : key === null ? {} : { upstream_api_key: key }),
  };
}

function text(form: Form, name: string): string | null {
  const value = form[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** What is no number is left as it was typed: the validation says what to enter. */
function wholeNumber(form: Form, name: string): number | string | null {
  const value = text(form, name);
  return value !== null && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

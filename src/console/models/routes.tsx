import type { Context } from 'hono';
import { MODEL_ID } from '../../domain/models/model.ts';
import { deleteModel, putModel } from '../../http/model-changes.ts';
import { invalid, ProblemError } from '../../http/problem.ts';
import type { Services } from '../../http/services.ts';
import type { ConsoleApp, ConsoleEnv } from '../env.ts';
import { Page } from '../layout.tsx';
import { operatorOnly } from '../operator-only.ts';
import { valuesOf } from '../try/form-body.ts';
import { definitionOf, draftedValues, NEW_MODEL, previewOf, valuesOfModel } from './form.ts';
import type { ModelValues } from './form.ts';
import { ModelsPage } from './list.tsx';
import { ModelPage } from './page.tsx';
import type { ModelPageProps } from './page.tsx';
import { ModelPreview } from './preview.tsx';

/** Models as data: adding, changing and disabling them is the operator's alone. */
export function registerModelPages(app: ConsoleApp, services: Services): void {
  for (const path of ['/models/*', '/new-model/*']) app.use(path, operatorOnly);

  app.get('/models', async (c) => {
    const { entries } = await services.models.catalog();
    return await c.html(
      <Page title="Models" viewer={c.get('viewer')} section="models">
        <ModelsPage entries={entries} />
      </Page>,
    );
  });

  // Not below /models, where each word may be somebody's id.
  app.get('/new-model', async (c) => await show(c, { values: NEW_MODEL, isNew: true }));
  app.post('/new-model', async (c) => await save(c, services, null));
  app.post('/new-model/preview', async (c) =>
    c.html(<ModelPreview model={preview(valuesOf(await c.req.parseBody()))} />),
  );

  app.get('/models/:id', async (c) => {
    const entry = (await services.models.catalog()).entry(c.req.param('id'));
    if (entry === undefined || entry.isBuiltin)
      throw new ProblemError('not-found', 'There is no model of yours with this id.');
    return await show(c, { values: valuesOfModel(entry), isNew: false });
  });
  app.post('/models/:id', async (c) => await save(c, services, c.req.param('id')));

  app.post('/models/:id/delete', async (c) => {
    await deleteModel(c, services, c.req.param('id'));
    return c.redirect('/console/models', 303);
  });
  for (const what of ['disable', 'enable'] as const) {
    app.post(`/models/:id/${what}`, async (c) => {
      const id = c.req.param('id');
      if ((await services.models.catalog()).entry(id) === undefined)
        throw new ProblemError('not-found', 'There is no model with this id.');
      await putModel(c, services, id, { disabled: what === 'disable' });
      return c.redirect('/console/models', 303);
    });
  }
}

/** Saves what the form says, or drafts its schema from an example. */
async function save(c: Context<ConsoleEnv>, services: Services, id: string | null): Promise<Response> {
  const typed = valuesOf(await c.req.parseBody());
  const values = id === null ? typed : { ...typed, id };
  const isNew = id === null;
  if (values['action'] === 'draft') return await draft(c, values, isNew);
  try {
    const name = values['id']?.trim() ?? '';
    if (!MODEL_ID.test(name))
      throw invalid([
        { path: 'id', message: 'must be as upstream spells it: a-z, 0-9, ".", "_" and "-", at most 100' },
      ]);
    const isTaken = (await services.models.catalog()).entry(name) !== undefined;
    if (isNew && isTaken) throw invalid([{ path: 'id', message: 'is the id of another model' }]);
    await putModel(c, services, name, definitionOf(values));
    return c.redirect('/console/models', 303);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return await show(c, { values, isNew, problem: error });
  }
}

async function draft(c: Context<ConsoleEnv>, values: ModelValues, isNew: boolean): Promise<Response> {
  const drafted = draftedValues(values);
  if (drafted === null)
    return await show(c, {
      values,
      isNew,
      note: 'The example holds no JSON object. Paste the whole request, with its braces.',
    });
  const left =
    drafted.left.length === 0
      ? ''
      : ` Left out, because no field can describe them: ${drafted.left.join(', ')}.`;
  const note = `The schema is a draft: add bounds, choices and descriptions.${left}`;
  return await show(c, { values: drafted.values, isNew, note });
}

/** What a form is the form of; what is no JSON yet is at fault like anything else. */
function preview(values: ModelValues): ModelPageProps['preview'] {
  try {
    return previewOf(values);
  } catch (error) {
    if (error instanceof ProblemError) return error.errors;
    throw error;
  }
}

async function show(c: Context<ConsoleEnv>, props: Omit<ModelPageProps, 'preview'>): Promise<Response> {
  const title = props.isNew ? 'Add a model' : (props.values['id'] ?? 'Model');
  return await c.html(
    <Page title={title} viewer={c.get('viewer')} section="models">
      <ModelPage {...props} preview={preview(props.values)} />
    </Page>,
    props.problem?.status ?? 200,
  );
}

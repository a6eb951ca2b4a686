import { modelsOf } from '../lib/models.js';

/** What the dropdown of models is filled by. */
export default {
  key: 'list_models',
  noun: 'Model',
  display: { label: 'List Models', description: 'The models to choose from.', hidden: true },
  operation: {
    type: 'polling',
    perform: async (z, bundle) => (await modelsOf(z, bundle)).map(({ id, title }) => ({ id, title })),
    sample: { id: 'seedance-2.0-text-to-video', title: 'Seedance 2.0, text to video' },
  },
};

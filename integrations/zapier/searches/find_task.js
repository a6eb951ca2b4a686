import { urlOf } from '../lib/api.js';
import { OUTPUT_FIELDS, TASK } from '../lib/samples.js';

export default {
  key: 'find_task',
  noun: 'Task',
  display: { label: 'Find Task', description: 'Finds a task by its id, with its result once it has one.' },
  operation: {
    inputFields: [
      { key: 'id', label: 'Task ID', type: 'string', required: true, helpText: 'It begins with `task_`.' },
    ],
    perform: async (z, bundle) => {
      const url = urlOf(bundle, `/v1/tasks/${encodeURIComponent(bundle.inputData.id)}`);
      try {
        return [(await z.request(url)).data];
      } catch (error) {
        if (error.message.includes('"status":404')) return [];
        throw error;
      }
    },
    sample: TASK,
    outputFields: OUTPUT_FIELDS,
  },
};

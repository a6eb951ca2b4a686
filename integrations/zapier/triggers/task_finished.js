import { hookOperation } from '../lib/hook.js';
import { EVENT } from '../lib/samples.js';

const ENDS = { 'task.succeeded': 'Succeeded', 'task.failed': 'Failed', 'task.canceled': 'Canceled' };

export default {
  key: 'task_finished',
  noun: 'Task',
  display: {
    label: 'Task Finished',
    description: 'Triggers when a video or an image is ready, has failed or was canceled.',
  },
  operation: hookOperation({
    eventsOf: ({ events }) => (events?.length > 0 ? events : Object.keys(ENDS)),
    inputFields: [
      {
        key: 'events',
        label: 'Ends',
        type: 'string',
        list: true,
        required: false,
        choices: ENDS,
        helpText: 'All three unless you choose.',
      },
      {
        key: 'models',
        label: 'Models',
        type: 'string',
        list: true,
        required: false,
        dynamic: 'list_models.id.title',
        helpText: 'All unless you choose.',
      },
    ],
    sample: EVENT,
  }),
};

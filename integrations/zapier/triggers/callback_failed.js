import { hookOperation } from '../lib/hook.js';
import { CALLBACK_FAILED } from '../lib/samples.js';

export default {
  key: 'callback_failed',
  noun: 'Callback',
  display: {
    label: 'Callback Failed',
    description: 'Triggers when Ringback gives a callback up: nobody was told that a task has ended.',
  },
  operation: hookOperation({
    eventsOf: () => ['callback.failed'],
    inputFields: [],
    sample: CALLBACK_FAILED,
  }),
};

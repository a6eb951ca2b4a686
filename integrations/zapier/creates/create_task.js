import { urlOf } from '../lib/api.js';
import { inputOf, modelFields } from '../lib/models.js';
import { OUTPUT_FIELDS, TASK } from '../lib/samples.js';

/** Posts the task with an address of this very step: Zapier waits until that is called. */
async function perform(z, bundle) {
  const { model, metadata, timeout_seconds } = bundle.inputData;
  const body = {
    model,
    input: inputOf(bundle.inputData),
    callback_url: z.generateCallbackUrl(),
    metadata: metadata ?? null,
    timeout_seconds: timeout_seconds || null,
  };
  return (await z.request({ method: 'POST', url: urlOf(bundle, '/v1/tasks'), body })).data;
}

/** The step goes on with what the callback says. */
function performResume(z, { outputData, cleanedRequest, inputData }) {
  const ended = { ...outputData, ...cleanedRequest };
  if (ended.state === 'succeeded' || inputData?.on_failure === 'continue') return ended;
  throw new z.errors.Error(ended.error_message ?? `The task was ${ended.state}.`, 'TaskFailed', 200);
}

export default {
  key: 'create_task',
  noun: 'Task',
  display: {
    label: 'Create Video or Image',
    description:
      'Makes a video or an image, waits until it is ready, and goes on with its link. It spends credits.',
  },
  operation: {
    inputFields: [
      {
        key: 'model',
        label: 'Model',
        type: 'string',
        required: true,
        dynamic: 'list_models.id.title',
        altersDynamicFields: true,
        helpText: 'What makes it. The fields below depend on it.',
      },
      modelFields,
      {
        key: 'metadata',
        label: 'Metadata',
        dict: true,
        required: false,
        helpText: 'Values of your own, which come back with the task.',
      },
      {
        key: 'timeout_seconds',
        label: 'Timeout in Seconds',
        type: 'integer',
        required: false,
        helpText: 'Without an end by then the task fails.',
      },
      {
        key: 'on_failure',
        label: 'If the Task Fails',
        type: 'string',
        required: false,
        default: 'stop',
        choices: { stop: 'Stop the Zap with the reason', continue: 'Go on; the state says failed' },
      },
    ],
    perform,
    performResume,
    sample: TASK,
    outputFields: OUTPUT_FIELDS,
  },
};

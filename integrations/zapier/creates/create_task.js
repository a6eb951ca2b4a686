import { urlOf } from '../lib/api.js';
import { inputOf, modelFields } from '../lib/models.js';
import { OUTPUT_FIELDS, TASK } from '../lib/samples.js';

const ENDS = new Set(['succeeded', 'failed', 'canceled']);

/** Posts the task with an address of this very step: Zapier waits until that is called. */
async function perform(z, bundle) {
  const { model, metadata, keep_result, timeout_seconds } = bundle.inputData;
  const body = {
    model,
    input: inputOf(bundle.inputData),
    callback_url: z.generateCallbackUrl(),
    metadata: metadata ?? null,
    keep_result: keep_result === false ? false : null,
    timeout_seconds: timeout_seconds || null,
  };
  return (await z.request({ method: 'POST', url: urlOf(bundle, '/v1/tasks'), body })).data;
}

/**
 * The step goes on with what Ringback says of its task. What came is only the call to look: Zapier does not show how it was signed, and
 * whoever learns the address could send anything.
 */
async function performResume(z, bundle) {
  const { inputData, outputData } = bundle;
  const ended = (await z.request(urlOf(bundle, `/v1/tasks/${encodeURIComponent(outputData.id)}`))).data;
  const { state, error_message: problem } = ended;
  if (!ENDS.has(state))
    throw new z.errors.Error(`Somebody else called: the task is still ${state}.`, 'NotEnded', 409);
  if (state === 'succeeded' || inputData?.on_failure === 'continue') return ended;
  throw new z.errors.Error(problem ?? `The task was ${state}.`, 'TaskFailed', 200);
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
        key: 'keep_result',
        label: 'Keep the Result',
        type: 'boolean',
        required: false,
        helpText:
          'Yes unless you choose: Ringback keeps a copy of each file, so that its link stays. Where it keeps none, this changes nothing.',
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

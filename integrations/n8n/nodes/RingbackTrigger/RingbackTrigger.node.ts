import type {
  IHookFunctions,
  INodeType,
  INodeTypeDescription,
  IWebhookFunctions,
  IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { getModels } from '../models';
import { signedBody } from '../signature';
import { newestEvent } from './newest-event';
import { askForSample, isSubscribed, subscribe, unsubscribe } from './subscription';

export class RingbackTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Ringback Trigger',
    name: 'ringbackTrigger',
    icon: { light: 'file:../../icons/ringback.svg', dark: 'file:../../icons/ringback.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter["events"].join(", ") }}',
    description: 'Starts the workflow when a video or image is ready, has failed or was canceled',
    defaults: { name: 'Ringback Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'ringbackApi', required: true }],
    webhooks: [{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' }],
    properties: [
      {
        displayName: 'Events',
        name: 'events',
        type: 'multiOptions',
        required: true,
        default: ['task.succeeded', 'task.failed', 'task.canceled'],
        options: [
          { name: 'Callback Failed', value: 'callback.failed', description: 'A callback was given up' },
          { name: 'Task Canceled', value: 'task.canceled' },
          { name: 'Task Failed', value: 'task.failed' },
          { name: 'Task Running', value: 'task.running', description: 'The provider has taken it' },
          { name: 'Task Succeeded', value: 'task.succeeded' },
        ],
      },
      {
        displayName: 'Model Names or IDs',
        name: 'models',
        type: 'multiOptions',
        typeOptions: { loadOptionsMethod: 'getModels' },
        default: [],
        description:
          'All unless you choose. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
      },
      {
        displayName: 'Test With',
        name: 'testWith',
        type: 'options',
        default: 'newest',
        description: 'What a test in the editor shows. A published workflow is started by what happens.',
        options: [
          {
            name: 'The Newest Event',
            value: 'newest',
            description: 'What happened last, at once; a sample where nothing has happened yet',
          },
          { name: 'The Next Event', value: 'next', description: 'Waits until something happens' },
        ],
      },
    ],
  };

  methods = { loadOptions: { getModels } };

  webhookMethods = {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        return await isSubscribed(this);
      },
      async create(this: IHookFunctions): Promise<boolean> {
        await subscribe(this);
        // Not waited for: n8n shows that it listens once this returns.
        if (this.getMode() === 'manual' && this.getNodeParameter('testWith') === 'newest')
          askForSample(this).catch((error: Error) => this.logger.warn(error.message));
        return true;
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        await unsubscribe(this);
        return true;
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    const event = await signedBody(this);
    if (event === null) return { noWebhookResponse: true };
    const isSample = this.getMode() === 'manual' && event.type === 'callback.test';
    return { workflowData: [[{ json: (isSample ? await newestEvent(this) : null) ?? event }]] };
  }
}

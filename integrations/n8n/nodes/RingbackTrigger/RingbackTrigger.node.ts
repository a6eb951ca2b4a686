import type {
  IHookFunctions,
  INodeType,
  INodeTypeDescription,
  IWebhookFunctions,
  IWebhookResponseData,
  JsonObject,
} from 'n8n-workflow';
import { NodeApiError, NodeConnectionTypes } from 'n8n-workflow';
import { getModels } from '../models';
import { askRelay } from '../request';
import { signedBody } from '../signature';

/** The subscription of this node, where it has one. */
function pathOf(context: IHookFunctions): string | null {
  const { subscriptionId } = context.getWorkflowStaticData('node');
  return typeof subscriptionId === 'string' ? `/v1/subscriptions/${subscriptionId}` : null;
}

const isGone = (error: unknown): boolean => (error as { httpCode?: string }).httpCode === '404';

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
    ],
  };

  methods = { loadOptions: { getModels } };

  webhookMethods = {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        const path = pathOf(this);
        if (path === null) return false;
        try {
          const { url, state } = await askRelay(this, 'GET', path);
          return url === this.getNodeWebhookUrl('default') && state === 'active';
        } catch (error) {
          if (isGone(error)) return false;
          throw new NodeApiError(this.getNode(), error as JsonObject);
        }
      },
      async create(this: IHookFunctions): Promise<boolean> {
        const models = this.getNodeParameter('models') as string[];
        const { id } = await askRelay(this, 'POST', '/v1/subscriptions', {
          body: {
            url: this.getNodeWebhookUrl('default'),
            events: this.getNodeParameter('events') as string[],
            models: models.length > 0 ? models : null,
            description: 'n8n',
          },
        });
        this.getWorkflowStaticData('node').subscriptionId = id;
        return true;
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        const path = pathOf(this);
        if (path === null) return true;
        try {
          await askRelay(this, 'DELETE', path);
        } catch (error) {
          if (!isGone(error)) throw new NodeApiError(this.getNode(), error as JsonObject);
        }
        delete this.getWorkflowStaticData('node').subscriptionId;
        return true;
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    const event = await signedBody(this);
    return event === null ? { noWebhookResponse: true } : { workflowData: [[{ json: event }]] };
  }
}

import type {
  IExecuteFunctions,
  INodeExecutionData,
  INodeType,
  INodeTypeDescription,
  IWebhookFunctions,
  IWebhookResponseData,
  JsonObject,
} from 'n8n-workflow';
import { NodeApiError, NodeConnectionTypes } from 'n8n-workflow';
import { getModelFields, getModels } from '../models';
import { properties } from './description';
import { operate } from './tasks';
import { createAndWait, resume } from './wait';

export class Ringback implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Ringback',
    name: 'ringback',
    icon: { light: 'file:../../icons/ringback.svg', dark: 'file:../../icons/ringback.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ $parameter["operation"] }}',
    description: 'Makes AI videos and images, and waits until they are ready',
    defaults: { name: 'Ringback' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'ringbackApi', required: true }],
    webhooks: [
      {
        name: 'default',
        httpMethod: 'POST',
        responseMode: 'onReceived',
        path: '',
        restartWebhook: true,
      },
    ],
    properties,
  };

  methods = { loadOptions: { getModels }, resourceMapping: { getModelFields } };

  /** n8n makes the address of a waiting execution by itself, and takes it away: there is nothing to register. */
  webhookMethods = {
    default: {
      checkExists: async (): Promise<boolean> => true,
      create: async (): Promise<boolean> => true,
      delete: async (): Promise<boolean> => true,
    },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const operation = this.getNodeParameter('operation', 0) as string;
    if (operation === 'createAndWait') return await createAndWait(this);
    const results: INodeExecutionData[] = [];
    for (let i = 0; i < this.getInputData().length; i++) {
      try {
        results.push(...(await operate(this, operation, i)));
      } catch (error) {
        // One that is of this kind already stays as it is.
        if (!this.continueOnFail())
          throw new NodeApiError(this.getNode(), error as JsonObject, { itemIndex: i });
        results.push({ json: { error: (error as Error).message }, pairedItem: { item: i } });
      }
    }
    return [results];
  }

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return await resume(this);
  }
}

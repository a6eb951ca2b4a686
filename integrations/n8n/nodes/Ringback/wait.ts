import type {
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  IWebhookFunctions,
  IWebhookResponseData,
} from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';
import { askRelay } from '../request';
import { signedBody } from '../signature';
import { createTask } from './tasks';

const OF_THE_WAY = new Set(['queue', 'callback', 'type', 'event_id', 'timestamp']);
const ENDED = new Set(['succeeded', 'failed', 'canceled']);

/**
 * Posts a task for each item, all of which call back at the address that this execution waits at, and puts the execution to wait.
 * What is returned here n8n keeps with the execution, and hands to `webhook` when it is called: which tasks it waits for.
 */
export async function createAndWait(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const resumeUrl = context.evaluateExpression('{{ $execution.resumeUrl }}', 0) as string;
  const tasks: INodeExecutionData[] = [];
  for (let i = 0; i < context.getInputData().length; i++)
    tasks.push({ json: await createTask(context, i, resumeUrl), pairedItem: { item: i } });
  if (tasks.length > 0) await context.putExecutionToWait(WAIT_INDEFINITELY);
  return [tasks];
}

/** A callback: the execution goes on once each of its tasks has ended, with one item for each. */
export async function resume(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  const event = await signedBody(context);
  if (event === null) return { noWebhookResponse: true };
  const waiting = waitedFor(context);
  if (!waiting.some(({ json }) => json.id === event.id)) {
    context.getResponseObject().status(410).json({ message: 'This execution does not wait for that task.' });
    return { noWebhookResponse: true };
  }
  const ended: INodeExecutionData[] = [];
  for (const [i, { json }] of waiting.entries()) {
    const task =
      json.id === event.id ? event : await askRelay(context, 'GET', `/v1/tasks/${String(json.id)}`);
    // Its own callback brings the execution here again.
    if (!ENDED.has(task.state as string)) return { webhookResponse: { message: 'Waiting for the others' } };
    ended.push({ json: { ...outcomeOf(json), ...outcomeOf(task) }, pairedItem: { item: i } });
  }
  return { workflowData: [ended], webhookResponse: { message: 'The execution goes on' } };
}

function waitedFor(context: IWebhookFunctions): INodeExecutionData[] {
  const name = JSON.stringify(context.getNode().name);
  return context.evaluateExpression(`{{ $(${name}).all() }}`, 0) as unknown as INodeExecutionData[];
}

/** The fields that a task and its callback share, and the input; what is of the way between says nothing any more. */
function outcomeOf(task: IDataObject): IDataObject {
  return Object.fromEntries(Object.entries(task).filter(([name]) => !OF_THE_WAY.has(name)));
}

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
 * n8n keeps a waiting node's input with the execution, and nothing else that `resume` could read: so the tasks become its input.
 */
export async function createAndWait(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const resumeUrl = context.evaluateExpression('{{ $execution.resumeUrl }}', 0) as string;
  const tasks: INodeExecutionData[] = [];
  for (let i = 0; i < context.getInputData().length; i++)
    tasks.push({ json: await createTask(context, i, resumeUrl), pairedItem: { item: i } });
  if (tasks.length > 0) {
    context.getExecuteData().data.main = [tasks];
    await context.putExecutionToWait(WAIT_INDEFINITELY);
  }
  return [tasks];
}

/**
 * A callback: the execution goes on once each of its tasks has ended, with one item for each. It goes on by the callback that comes
 * last: one that came after it would find the execution finished, and be sent again for days.
 */
export async function resume(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  const event = await signedBody(context);
  if (event === null) return { noWebhookResponse: true };
  const waiting = waitedFor(context);
  if (!waiting.some(({ json }) => json.id === event.id))
    return answer(context, 410, 'This execution does not wait for that task.');
  const tasks: IDataObject[] = [];
  for (const { json } of waiting) {
    const task =
      json.id === event.id ? event : await askRelay(context, 'GET', `/v1/tasks/${String(json.id)}`);
    // Its own callback brings the execution here again.
    if (!ENDED.has(task.state as string)) return answer(context, 200, 'The other tasks go on.');
    tasks.push(task);
  }
  const next = lastToCome(tasks, event);
  if (next !== event.id) return answer(context, 200, 'The callbacks of the other tasks are still to come.');
  if (tasks.some((task) => task.id !== event.id && isToCome(task)))
    // Sent again within a second or two, as to an execution that does not wait yet.
    return answer(context, 409, 'The callbacks of the other tasks come first.');
  const ended = tasks.map((task, i) => ({
    json: { ...outcomeOf(waiting[i].json), ...outcomeOf(task) },
    pairedItem: { item: i },
  }));
  return { workflowData: [ended], webhookResponse: { message: 'The execution goes on.' } };
}

/** Of the callbacks that nobody has taken yet: all agree on which is the last, and none of the others waits for it. */
function lastToCome(tasks: IDataObject[], event: IDataObject): string {
  const ids = tasks.filter((task) => task.id === event.id || isToCome(task)).map(({ id }) => id as string);
  return ids.sort()[ids.length - 1];
}

function isToCome({ callback }: IDataObject): boolean {
  const { state } = (callback ?? {}) as IDataObject;
  return state === 'pending' || state === 'waiting';
}

function answer(context: IWebhookFunctions, status: number, message: string): IWebhookResponseData {
  context.getResponseObject().status(status).json({ message });
  return { noWebhookResponse: true };
}

function waitedFor(context: IWebhookFunctions): INodeExecutionData[] {
  return context.evaluateExpression('{{ $input.all() }}', 0) as unknown as INodeExecutionData[];
}

/** The fields that a task and its callback share, and the input; what is of the way between says nothing any more. */
function outcomeOf(task: IDataObject): IDataObject {
  return Object.fromEntries(Object.entries(task).filter(([name]) => !OF_THE_WAY.has(name)));
}

import type { IDataObject, IExecuteFunctions, INodeExecutionData, ResourceMapperField } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { inputOf } from '../models';
import { askRelay } from '../request';

const PAGE = 100;

/** What a task is asked for with: the model and its input, by fields or as JSON. */
function draftOf(context: IExecuteFunctions, i: number): IDataObject {
  const model = context.getNodeParameter('model', i) as string;
  if (context.getNodeParameter('specifyInput', i) === 'json') {
    const json = context.getNodeParameter('inputJson', i) as IDataObject | string;
    return { model, input: typeof json === 'string' ? parsed(context, json, i) : json };
  }
  const fields = context.getNodeParameter('input', i) as {
    value: IDataObject | null;
    schema?: ResourceMapperField[];
  };
  return { model, input: inputOf(fields.value, fields.schema) };
}

function parsed(context: IExecuteFunctions, json: string, itemIndex: number): IDataObject {
  try {
    return JSON.parse(json) as IDataObject;
  } catch {
    throw new NodeOperationError(context.getNode(), 'Input (JSON) is no JSON', { itemIndex });
  }
}

/**
 * Posts the task of an item. Its idempotency key is that of this very run of the node, so a step that is tried again makes no second
 * task, and costs once.
 */
export async function createTask(
  context: IExecuteFunctions,
  i: number,
  callbackUrl: string | null,
): Promise<IDataObject> {
  const options = context.getNodeParameter('options', i, {}) as IDataObject;
  const pairs = (options.metadata as { values?: Array<{ name: string; value: string }> } | undefined)?.values;
  const run = `${context.getExecutionId()}-${context.getNode().id}-${String(context.evaluateExpression('{{ $runIndex }}', i))}-${i}`;
  return await askRelay(context, 'POST', '/v1/tasks', {
    body: {
      ...draftOf(context, i),
      callback_url: callbackUrl ?? (options.callbackUrl || null),
      metadata:
        pairs === undefined ? null : Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
      keep_result: options.keepResult === false ? false : null,
      timeout_seconds: options.timeoutSeconds || null,
    },
    headers: { 'Idempotency-Key': (options.idempotencyKey as string) || `n8n-${run}` },
    itemIndex: i,
  });
}

/** An operation on the task of an item, or on all; "Create and Wait" is a thing of its own. */
export async function operate(
  context: IExecuteFunctions,
  operation: string,
  i: number,
): Promise<INodeExecutionData[]> {
  const pairedItem = { item: i };
  const one = async (method: 'GET' | 'POST', path: string, body?: IDataObject) => [
    { json: await askRelay(context, method, path, { itemIndex: i, ...(body && { body }) }), pairedItem },
  ];
  const path = () => `/v1/tasks/${encodeURIComponent(context.getNodeParameter('taskId', i) as string)}`;
  switch (operation) {
    case 'create':
      return [{ json: await createTask(context, i, null), pairedItem }];
    case 'get':
      return await one('GET', path());
    case 'cancel':
      return await one('POST', `${path()}/cancel`);
    case 'redeliver':
      return await one('POST', `${path()}/redeliver`);
    case 'estimate':
      return await one('POST', '/v1/estimates', draftOf(context, i));
    case 'getAll':
      return (await listTasks(context, i)).map((json) => ({ json, pairedItem }));
    default:
      throw new NodeOperationError(context.getNode(), `There is no operation ${operation}`, { itemIndex: i });
  }
}

async function listTasks(context: IExecuteFunctions, i: number): Promise<IDataObject[]> {
  const returnAll = context.getNodeParameter('returnAll', i) as boolean;
  const most = returnAll ? Infinity : (context.getNodeParameter('limit', i) as number);
  const state = (context.getNodeParameter('state', i) as string) || undefined;
  const tasks: IDataObject[] = [];
  for (let cursor: unknown; tasks.length < most;) {
    const qs = { state, limit: Math.min(PAGE, most - tasks.length), cursor: cursor as string };
    const page = await askRelay(context, 'GET', '/v1/tasks', { qs, itemIndex: i });
    tasks.push(...(page.data as IDataObject[]));
    cursor = page.next_cursor;
    if (cursor === null) break;
  }
  return tasks;
}

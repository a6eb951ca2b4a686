import type { IDataObject, IHookFunctions, JsonObject } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';
import { askRelay } from '../request';

const SUBSCRIPTIONS = '/v1/subscriptions';
const isGone = (error: unknown): boolean => (error as { httpCode?: string }).httpCode === '404';

/** Whether Ringback tells this node's address of what happens. */
export async function isSubscribed(context: IHookFunctions): Promise<boolean> {
  const found = await ownSubscription(context);
  return found?.url === urlOf(context) && found?.state === 'active';
}

export async function subscribe(context: IHookFunctions): Promise<void> {
  const models = context.getNodeParameter('models') as string[];
  const body = {
    url: urlOf(context),
    events: context.getNodeParameter('events') as string[],
    models: models.length > 0 ? models : null,
    description: 'n8n',
  };
  const { id } = await askRelay(context, 'POST', SUBSCRIPTIONS, { body });
  context.getWorkflowStaticData('node').subscriptionId = id;
}

/** Nothing is told to this node's address any more, whoever has ended that. */
export async function unsubscribe(context: IHookFunctions): Promise<void> {
  const found = await ownSubscription(context);
  if (found !== null) {
    try {
      await askRelay(context, 'DELETE', `${SUBSCRIPTIONS}/${String(found.id)}`);
    } catch (error) {
      if (!isGone(error)) throw new NodeApiError(context.getNode(), error as JsonObject);
    }
  }
  delete context.getWorkflowStaticData('node').subscriptionId;
}

/** Has Ringback send a sample to this node's address, as it sends what happens. */
export async function askForSample(context: IHookFunctions): Promise<void> {
  const { subscriptionId } = context.getWorkflowStaticData('node');
  const path = `${SUBSCRIPTIONS}/${String(subscriptionId)}/test`;
  const { ok, problem, advice } = await askRelay(context, 'POST', path);
  if (ok !== true) context.logger.warn(`Ringback cannot reach n8n: ${String(problem)}. ${String(advice)}`);
}

/**
 * The subscription of this node, where it has one. n8n ends a test by what it knew before the test's address was called, which may be
 * too early for the id: it is found by the address then.
 */
async function ownSubscription(context: IHookFunctions): Promise<IDataObject | null> {
  const { subscriptionId } = context.getWorkflowStaticData('node');
  if (typeof subscriptionId !== 'string') return await withOwnUrl(context);
  try {
    return await askRelay(context, 'GET', `${SUBSCRIPTIONS}/${subscriptionId}`);
  } catch (error) {
    if (isGone(error)) return null;
    throw new NodeApiError(context.getNode(), error as JsonObject);
  }
}

async function withOwnUrl(context: IHookFunctions): Promise<IDataObject | null> {
  for (let cursor: unknown; ;) {
    const page = await askRelay(context, 'GET', SUBSCRIPTIONS, { qs: { cursor: cursor as string } });
    const found = (page.data as IDataObject[]).find(({ url }) => url === urlOf(context));
    if (found !== undefined) return found;
    cursor = page.next_cursor;
    if (cursor === null) return null;
  }
}

function urlOf(context: IHookFunctions): string | undefined {
  return context.getNodeWebhookUrl('default');
}

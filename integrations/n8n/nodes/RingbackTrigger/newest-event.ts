import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { askRelay } from '../request';

/** Of each kind: enough that one of the chosen models is likely among them. */
const LOOKED_AT = 50;

/** The newest of what this trigger is for; null where nothing of it has happened. */
export async function newestEvent(context: IWebhookFunctions): Promise<IDataObject | null> {
  const models = context.getNodeParameter('models') as string[];
  let newest: IDataObject | null = null;
  for (const type of context.getNodeParameter('events') as string[]) {
    const qs = { type, limit: LOOKED_AT };
    const page = await askRelay(context, 'GET', '/v1/events', { qs });
    const fits = ({ model }: IDataObject) => models.length === 0 || models.includes(model as string);
    const found = (page.data as IDataObject[]).find(fits);
    if (found !== undefined && String(found.timestamp) > String(newest?.timestamp ?? '')) newest = found;
  }
  return newest;
}

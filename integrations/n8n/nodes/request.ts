import type {
  IDataObject,
  IExecuteFunctions,
  IHookFunctions,
  IHttpRequestMethods,
  IHttpRequestOptions,
  ILoadOptionsFunctions,
  IWebhookFunctions,
  JsonObject,
} from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

export const CREDENTIAL = 'ringbackApi';

export type Context = IExecuteFunctions | IHookFunctions | ILoadOptionsFunctions | IWebhookFunctions;

/** What a request to Ringback says beside its method and path. */
export interface RelayRequest {
  body?: IDataObject;
  qs?: IDataObject;
  headers?: IDataObject;
  itemIndex?: number;
}

/** Asks Ringback. A refusal is an error in Ringback's own words: which field, and what to enter. */
export async function askRelay(
  context: Context,
  method: IHttpRequestMethods,
  path: string,
  { body, qs, headers, itemIndex }: RelayRequest = {},
): Promise<IDataObject> {
  const { url } = await context.getCredentials<{ url: string }>(CREDENTIAL, itemIndex);
  const options: IHttpRequestOptions = {
    method,
    url: url.replace(/\/+$/, '') + path,
    json: true,
    ...(body === undefined ? {} : { body }),
    ...(qs === undefined ? {} : { qs }),
    ...(headers === undefined ? {} : { headers }),
  };
  try {
    return (await context.helpers.httpRequestWithAuthentication.call(
      context,
      CREDENTIAL,
      options,
    )) as IDataObject;
  } catch (error) {
    const problem = problemOf(error);
    throw new NodeApiError(context.getNode(), error as JsonObject, {
      ...(problem === null ? {} : { message: problem.title, description: problem.words }),
      ...(itemIndex === undefined ? {} : { itemIndex }),
    });
  }
}

/** Ringback's problem (RFC 9457) in two texts; null where it was not Ringback that answered. */
function problemOf(error: unknown): { title: string; words: string } | null {
  const data = (error as { response?: { data?: IDataObject } }).response?.data;
  if (typeof data?.title !== 'string' || typeof data.detail !== 'string') return null;
  const errors = Array.isArray(data.errors) ? (data.errors as Array<{ path: string; message: string }>) : [];
  const fields = errors.map(({ path, message }) => `${path}: ${message}`).join('\n');
  return { title: data.detail, words: fields || data.title };
}

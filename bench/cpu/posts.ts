import { clientShape } from '../../scripts/shapes.ts';
import { taskOf } from '../arena/contender.ts';
import { ORIGIN, type Isolate, type MeasuredRelay } from './relay.ts';

interface Post {
  readonly path: string;
  readonly token: string;
  readonly body: object;
}

/** Makes a client in one of the isolates, and tells its key. */
export async function newClient(relay: MeasuredRelay, isolate: Isolate): Promise<string> {
  const made = await post(relay, isolate, {
    path: '/admin/clients',
    token: relay.adminToken,
    body: { name: 'bench' },
  });
  return clientShape.parse(made).key;
}

/** How a client posts a task of so many seconds. */
export function poster(relay: MeasuredRelay, key: string, sink: URL): (seconds: number) => Promise<void> {
  let posted = 0;
  return async (seconds) => {
    const callback = new URL(`/hook/${posted++}`, sink);
    await post(relay, 'http', {
      path: '/v1/tasks',
      token: key,
      body: { ...taskOf({ seconds }), callback_url: callback.href },
    });
  };
}

/** What a post is answered. Rejects where that is no success. */
export async function post(
  relay: MeasuredRelay,
  isolate: Isolate,
  { path, token, body }: Post,
): Promise<unknown> {
  const response = await relay.fetch(isolate, ORIGIN + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

import { CHATS } from './chats.ts';
import type { Place, ReceiverProfile } from './known-receiver.ts';
import { MESSENGERS } from './messengers.ts';
import { N8N_RECEIVERS, N8N_RESUME } from './n8n.ts';
import { OWN_CODE } from './own-code.ts';
import { AUTOMATION_TOOLS } from './profiles.ts';
import { TESTS_AND_TUNNELS } from './tests-and-tunnels.ts';

export type { ReceiverProfile } from './known-receiver.ts';

/** n8n last: it is known by its paths, the others by their hosts. */
const RECEIVERS = [
  ...AUTOMATION_TOOLS,
  ...CHATS,
  ...MESSENGERS,
  ...OWN_CODE,
  ...TESTS_AND_TUNNELS,
  ...N8N_RECEIVERS,
];

/** What is known about the receiver at this URL, or null. Takes any text, and never throws. */
export function profileOf(url: string): ReceiverProfile | null {
  const place = placeOf(url);
  if (place === null) return null;
  return RECEIVERS.find(({ isAt }) => isAt(place))?.profile ?? null;
}

/**
 * Whether this answer says that the n8n execution has been resumed and is over. After an attempt whose answer was lost, it
 * means that the callback did arrive; at the first attempt, that something else ended the execution. n8n's other 409
 * ("is running already") means the opposite: it does not wait yet.
 */
export function answersAlreadyFinished(url: string, status: number, excerpt: string): boolean {
  return status === 409 && profileOf(url)?.name === N8N_RESUME && /has finished already/i.test(excerpt);
}

function placeOf(url: string): Place | null {
  if (!URL.canParse(url)) return null;
  const { hostname, pathname } = new URL(url);
  return { host: hostname.replace(/\.+$/, ''), path: pathname };
}

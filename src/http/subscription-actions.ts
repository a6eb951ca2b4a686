import type { Context } from 'hono';
import { openHeaders } from '../delivery/send.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import { MAX_ACTIVE, ownSender } from '../domain/subscription.ts';
import type { Sender, Subscription } from '../domain/subscription.ts';
import { subscribe } from '../engine/subscriptions.ts';
import type { NewSubscription, Subscribed } from '../engine/subscriptions.ts';
import { ProblemError } from './problem.ts';
import { sendTest } from './send-test.ts';
import type { Services } from './services.ts';

const TOO_MANY =
  `At most ${MAX_ACTIVE} subscriptions are active at once: delete one that is not needed any more, or one that was ` +
  'stopped.';

/** Makes one, or says in words why not. */
export async function makeSubscription(
  services: Services,
  given: NewSubscription,
): Promise<Exclude<Subscribed, { kind: 'too-many' }>> {
  const { stores, secrets, clock, randomBytes } = services;
  const deps = { subscriptions: stores.subscriptions, secrets, clock, randomBytes };
  const made = await subscribe(deps, given);
  if (made.kind === 'too-many') throw new ProblemError('too-many-subscriptions', TOO_MANY);
  return made;
}

/** 404 for what is not there and for what is somebody else's. */
export async function findSubscription(
  { stores }: Services,
  id: string,
  owner: string,
): Promise<Subscription> {
  const found = await stores.subscriptions.get(id, owner);
  if (found === null) throw noSubscription(id);
  return found;
}

/** Takes a stopped one up again; 404 where there is none, 409 where too many are active. */
export async function activateSubscription(
  { stores, clock }: Services,
  id: string,
  owner: string,
): Promise<Subscription> {
  const active = await stores.subscriptions.activate(id, owner, clock.now());
  if (active === null) throw noSubscription(id);
  if (active.state === 'stopped') throw new ProblemError('too-many-subscriptions', TOO_MANY);
  return active;
}

/** Sends a test in its format. @param sender whose secrets sign it where it has none of its own. */
export async function testSubscription(
  c: Context,
  services: Services,
  subscription: Subscription,
  sender: Sender | null,
): ReturnType<typeof sendTest> {
  const { id, url, format, sealedHeaders } = subscription;
  const signs = ownSender(subscription) ?? sender;
  if (signs === null) throw noSubscription(id);
  const context = sealedFor.subscriptionHeaders(id);
  const headers = async () => await openHeaders(services.secrets, context, sealedHeaders);
  return await sendTest(c, services, signs, { url, headers, format });
}

/** The 404. */
export function noSubscription(id: string): ProblemError {
  return new ProblemError('not-found', `There is no subscription ${JSON.stringify(id.slice(0, 64))}.`);
}

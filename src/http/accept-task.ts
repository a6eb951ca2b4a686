import type { Context } from 'hono';
import { intake } from '../engine/intake.ts';
import type { IntakeResult } from '../engine/intake.ts';
import type { Refusal } from '../engine/first-submit.ts';
import type { TaskRequest } from '../engine/new-task.ts';
import { SealError } from '../sealing/secrets.ts';
import { sealedFor } from '../domain/sealed-for.ts';
import type { Client } from '../domain/client.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { CLIENT_HEADER } from '../domain/credential-words.ts';
import { erasedMeanwhile } from './find-task.ts';
import type { Shortage } from '../store/stock.ts';
import { ProblemError } from './problem.ts';
import type { Services } from './services.ts';
import { idempotencyHeader } from './task-request.ts';

/** A slot upstream is free within a minute or so; room in the store only once tasks are erased or grow old. */
const FULL_QUEUE_RETRY_SECONDS = 30;
const FULL_STORE_RETRY_SECONDS = 3_600;
const LOCKED_RETRY_SECONDS = 60;

/** A task that was accepted: by this request, or by one before it with the same key and body. */
export interface AcceptedTask {
  readonly task: TaskWithDelivery;
  readonly isNew: boolean;
}

/** The task that was accepted, now or before; every other result of an intake is a problem of its caller. */
export function acceptedTask(c: Context, result: IntakeResult): AcceptedTask {
  switch (result.kind) {
    case 'accepted':
      return { task: result.task, isNew: true };
    case 'replayed':
      return { task: result.task, isNew: false };
    case 'key-conflict':
      throw new ProblemError(
        'idempotency-key-reused',
        `The ${idempotencyHeader(c)} of this request came with another body before. Send a new one with a new body, or the same body again.`,
      );
    case 'key-revoked':
      throw new ProblemError(
        'unauthorized',
        `The key of this request was replaced or revoked a moment ago. Send ${CLIENT_HEADER}.`,
      );
    case 'over-credit-limit':
      throw new ProblemError(
        'daily-credit-limit',
        `This client may spend ${result.limit} credits a day, and ${result.left} are left until midnight UTC.`,
      );
    case 'erased':
      throw erasedMeanwhile();
    case 'no-room':
      throw noRoomProblem(result.shortage);
    case 'unknown-cost':
      throw new ProblemError(
        'daily-credit-limit',
        'This client has a daily limit of credits, and what this task would cost is not known: give duration and ' +
          'resolution, and take a model with a price.',
      );
    case 'refused':
      throw refusalProblem(result.refusal);
  }
}

function noRoomProblem({ of, max }: Shortage): ProblemError {
  return of === 'tasks'
    ? new ProblemError(
        'queue-full',
        `This client has ${max} tasks waiting here, as many as its max_queued_tasks allows. Post again when some of ` +
          'them run, or cancel some.',
        { retryAfterSeconds: FULL_QUEUE_RETRY_SECONDS },
      )
    : new ProblemError(
        'queue-full',
        `The tasks of this client hold ${max / 1_000_000} MB here, as much as a client may have. Erase some that have ` +
          'ended (DELETE /v1/tasks/{id}), or wait until they are old enough to be deleted.',
        { retryAfterSeconds: FULL_STORE_RETRY_SECONDS },
      );
}

function refusalProblem(refusal: Refusal): ProblemError {
  const { message } = refusal;
  switch (refusal.kind) {
    case 'invalid':
      return new ProblemError('upstream-rejected-input', message, { errors: [{ path: 'input', message }] });
    case 'no-credits':
      return new ProblemError('insufficient-credits', message);
    case 'unauthorized':
      return new ProblemError(
        'upstream-refused-key',
        `Upstream does not accept the key that is configured: ${message}`,
      );
    case 'refused':
      return new ProblemError('upstream-refused', `Upstream answered ${refusal.code}: ${message}`);
  }
}

/** Throws where a client cannot be served at the moment: said before anything is stored. */
export async function requireServed(services: Services, client: Client): Promise<void> {
  await requireOpenSecrets(services, client);
  await requireUpstreamKey(services, client);
}

/** Takes a task in, for either surface; a refusal is thrown as its problem. */
export async function acceptTask(
  c: Context,
  services: Services,
  client: Client,
  request: TaskRequest,
): Promise<AcceptedTask> {
  return acceptedTask(c, await finished(c, intake(services, client, request)));
}

/** Carries work to its end although its caller may hang up: an intake that is cut off would wait for the next tick. */
async function finished<T>(c: Context, work: Promise<T>): Promise<T> {
  c.executionCtx.waitUntil(work.catch(() => undefined));
  return await work;
}

/**
 * With another master key than its secrets were sealed with, a client's idempotency keys fit nothing, and what was sealed now
 * would not open with the right one.
 */
async function requireOpenSecrets({ secrets }: Services, client: Client): Promise<void> {
  if (await secrets.isCurrent(client.signingSecret)) return;
  try {
    await secrets.open(client.signingSecret, sealedFor.signingSecret(client.id));
  } catch (error) {
    if (!(error instanceof SealError) || !error.isForeign) throw error;
    throw new ProblemError(
      'misconfigured',
      'The MASTER_KEY of this Ringback does not open what is stored for this client. Nothing was stored: tell whoever runs ' +
        'Ringback, and send the same request again once /healthz says that all is well.',
      { retryAfterSeconds: LOCKED_RETRY_SECONDS },
    );
  }
}

async function requireUpstreamKey(services: Services, client: Client): Promise<void> {
  if ((await services.upstreamKey(client.accountId)) !== null) return;
  const detail =
    'Ask the operator to set UPSTREAM_API_KEY, or to give this client an upstream_api_key of its own.';
  throw new ProblemError('no-upstream-key', detail);
}

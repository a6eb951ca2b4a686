import { taskId } from '../domain/ids.ts';
import { NO_POLLS } from '../domain/task.ts';
import type { Media } from '../domain/models/model.ts';
import type { CallbackFormat, Task, UnsentTask } from '../domain/task.ts';
import { LEASE_MARGIN_MS, UPSTREAM_TIMEOUT_MS } from '../domain/schedule/plan.ts';
import type { Client } from '../domain/client.ts';
import type { EngineDeps } from './deps.ts';

/** No task costs more; so that a client's day, however many it posts, is a number that everything can count with. */
const MAX_TASK_CREDITS = 1_000_000_000;

/** What a caller asks for, validated. */
export interface TaskRequest {
  readonly model: string;
  readonly media: Media;
  readonly input: Readonly<Record<string, unknown>>;
  readonly estimatedCredits: number | null;
  readonly callback: {
    readonly url: string;
    /** Its host and port, as the URL policy names them. */
    readonly host: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly format: CallbackFormat;
    /** The name that the request was sent to. */
    readonly relayHost: string;
  } | null;
  readonly metadata: Task['metadata'];
  /** As the caller asked, or null: then `TASK_TIMEOUT_SECONDS` holds. */
  readonly timeoutMs: number | null;
  readonly idempotencyKey: string | null;
  /** The origin that it was posted to; null where its caller wants no copies of the result. */
  readonly filesOrigin: string | null;
}

/** What of a request has to be the same in a retry of it: all that its caller wrote, and nothing that was made of it here. */
export type Said = Pick<
  TaskRequest,
  'model' | 'input' | 'metadata' | 'timeoutMs' | 'idempotencyKey' | 'filesOrigin'
> & { readonly callback: Pick<NonNullable<TaskRequest['callback']>, 'url' | 'headers' | 'format'> | null };

export interface IntakeDeps extends EngineDeps {
  /** Under the current master key first, then under the one before, if it is still in use. */
  readonly fingerprints: (text: string) => Promise<readonly [string, ...string[]]>;
  readonly sealHeaders: (task: string, headers: Readonly<Record<string, string>>) => Promise<string | null>;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** The task that a request asks for, as it is stored before upstream hears of it. */
export async function newTask(
  deps: IntakeDeps,
  client: Client,
  request: TaskRequest & { readonly fingerprint: string | null },
): Promise<UnsentTask> {
  const { callback, idempotencyKey, estimatedCredits, timeoutMs, ...content } = request;
  const now = deps.clock.now();
  const id = taskId(now, deps.randomBytes(16));
  return {
    ...content,
    id,
    clientId: client.id,
    accountId: client.accountId,
    idempotencyKey,
    estimatedCredits: estimatedCredits && Math.min(estimatedCredits, MAX_TASK_CREDITS),
    createdAt: now,
    deadlineAt: now + (timeoutMs ?? deps.config.taskTimeoutMs),
    revision: 0,
    dueAt: now,
    // For as long as its caller waits: a tick asks upstream for it only where the intake has died.
    leasedUntil: now + UPSTREAM_TIMEOUT_MS + LEASE_MARGIN_MS,
    problem: null,
    polls: NO_POLLS,
    phase: { state: 'accepting' },
    callback: callback && {
      url: callback.url,
      host: callback.host,
      sealedHeaders: await deps.sealHeaders(id, callback.headers),
      format: callback.format,
      relayHost: callback.relayHost,
    },
  };
}

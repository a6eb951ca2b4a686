import { z } from '@hono/zod-openapi';
import { outcomeFields } from '../domain/callback-body.ts';
import { isoTime } from '../domain/clock.ts';
import { isUnsent, publicState } from '../domain/task.ts';
import type { QueueReason, Task } from '../domain/task.ts';
import { CALLBACK_STATES, callbackState } from '../domain/task-with-delivery.ts';
import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { logError } from '../engine/log.ts';
import { placeOf } from '../engine/place.ts';
import type { Place } from '../engine/place.ts';
import type { Services } from './services.ts';

const EXAMPLE_ID = 'task_01kapzk2rfq7w3v5x8n0c4t6ym';
const time = z.iso.datetime().openapi({ example: '2026-11-22T15:00:00.000Z' });

export const TaskId = z.string().openapi({ example: EXAMPLE_ID });
const STATE_WORDS = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
export const TaskStateWord = z.enum(STATE_WORDS, `must be one of ${STATE_WORDS.join(', ')}`);
export const Metadata = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null()], 'must be text, a number, true, false or null'),
  'must be an object',
);

const QUEUE_WORDS = [
  'upstream_full',
  'upstream_limited',
  'upstream_failing',
  'client_limit',
  'not_asked_yet',
] as const;
const QUEUE_WORD: Record<QueueReason, (typeof QUEUE_WORDS)[number]> = {
  full: 'upstream_full',
  behind: 'upstream_full',
  limited: 'upstream_limited',
  failing: 'upstream_failing',
  'own-limit': 'client_limit',
  unasked: 'not_asked_yet',
};

/** The fields that a task and its callback share. */
export const OutcomeFields = {
  result_url: z.string().nullable().openapi({ description: 'The first of `result_urls`, or null.' }),
  result_urls: z.array(z.string()).openapi({
    description:
      'The links to use: of kept copies where results are kept, else of upstream. Of a video model pictures are among them only ' +
      'where there is nothing else.',
  }),
  source_urls: z.array(z.string()).openapi({ description: 'The links as upstream gave them.' }),
  error_code: z
    .enum([
      'upstream_failed',
      'upstream_refused',
      'insufficient_credits',
      'timed_out',
      'upstream_lost',
      'no_result',
    ])
    .nullable(),
  error_message: z.string().nullable(),
  metadata: Metadata,
  estimated_credits: z.number().nullable().openapi({ example: 400 }),
  created_at: time,
  submitted_at: time.nullable().openapi({ description: 'When upstream took it.' }),
  completed_at: time.nullable(),
  duration_ms: z.int().nullable().openapi({ description: 'From `created_at` to `completed_at`.' }),
} as const;

const { result_url, result_urls, source_urls, error_code, error_message, metadata, ...times } = OutcomeFields;

export const TaskJson = z
  .object({
    id: TaskId,
    model: z.string(),
    state: TaskStateWord,
    result_url,
    result_urls,
    error_code,
    error_message,
    input: z.record(z.string(), z.unknown()),
    metadata,
    source_urls,
    ...times,
    queue: z
      .object({
        reason: z.enum(QUEUE_WORDS),
        problem: z.string().nullable().openapi({ description: 'In words: what it waits for.' }),
        position: z.int().nullable().openapi({
          description:
            'Of those that wait for the same upstream key; 1 goes next. Null behind 500 or more, in lists and results.',
        }),
        estimated_wait_seconds: z.int().nullable().openapi({
          description: 'From how long such tasks take; null where nothing is known, and without a position.',
        }),
      })
      .nullable()
      .openapi({ description: 'Why and where a `queued` task waits here; null for all others.' }),
    callback: z
      .object({
        url: z.string(),
        state: z.enum(CALLBACK_STATES),
        attempts: z.int(),
        last_status: z.int().nullable(),
        next_attempt_at: time.nullable(),
        delivered_at: time.nullable(),
      })
      .nullable(),
  })
  .openapi('Task');

/** A task as `/v1` and `/admin` show it. @param place where it stands, if that was looked up. */
export function taskJson(task: TaskWithDelivery, place: Place | null = null): z.infer<typeof TaskJson> {
  return {
    id: task.id,
    model: task.model,
    state: publicState(task),
    ...outcomeFields(task),
    input: task.input,
    queue: queueJson(task, place),
    callback: callbackJson(task),
  };
}

/** A task with its place in the queue; without it where D1 does not tell, for the task itself is known. Never rejects. */
export async function placedTaskJson(
  services: Services,
  task: TaskWithDelivery,
): Promise<z.infer<typeof TaskJson>> {
  const place = await placeOf(services, task).catch((error: unknown) => {
    const whose = { task_id: task.id, client_id: task.clientId };
    logError('a place in the queue could not be read; the task is told without it', error, whose);
    return null;
  });
  return taskJson(task, place);
}

function queueJson(task: Task, place: Place | null): z.infer<typeof TaskJson>['queue'] {
  if (!isUnsent(task)) return null;
  const reason = task.phase.state === 'accepting' ? 'unasked' : task.phase.reason;
  const waitMs = place?.estimatedWaitMs ?? null;
  return {
    reason: QUEUE_WORD[reason],
    problem: task.problem,
    position: place?.position ?? null,
    estimated_wait_seconds: waitMs === null ? null : Math.ceil(waitMs / 1_000),
  };
}

function callbackJson(task: TaskWithDelivery): z.infer<typeof TaskJson>['callback'] {
  const { callback, delivery } = task;
  const state = callbackState(task);
  if (callback === null || state === null) return null;
  const nextAttemptAt = delivery?.dueAt ?? null;
  const deliveredAt = delivery?.deliveredAt ?? null;
  return {
    url: delivery?.url ?? callback.url,
    state,
    attempts: delivery?.attempts ?? 0,
    last_status: delivery?.lastStatus ?? null,
    next_attempt_at: nextAttemptAt === null ? null : isoTime(nextAttemptAt),
    delivered_at: deliveredAt === null ? null : isoTime(deliveredAt),
  };
}

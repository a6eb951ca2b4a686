import { z } from '@hono/zod-openapi';
import { ALERTS, TASK_EVENTS } from '../domain/events/event.ts';
import { OutcomeFields, TaskId } from './task-json.ts';

const STATES = ['running', 'succeeded', 'failed', 'canceled'] as const;

/** The id of what happened: the same in every message that tells it. */
export const EventId = z.string().openapi({
  example: 'evt_01kapzk2rfq7w3v5x8n0c4t6ym',
  description: 'Of what happened: the same in each delivery of it.',
});

/** What every flat body begins with. */
const Happened = { event_id: EventId, timestamp: z.iso.datetime() };
const OfTask = { id: TaskId, model: z.string(), state: z.enum(STATES) };
const GivenUp = {
  callback_url: z.string().optional().openapi({ description: 'Of `callback.failed`: where it went.' }),
  attempts: z.int().optional(),
  last_status: z.int().nullable().optional(),
};

/** A flat body as a subscription gets it, and as the list of events has it. */
export const EventJson = z
  .object({ type: z.enum(TASK_EVENTS), ...Happened, ...OfTask, ...GivenUp, ...OutcomeFields })
  .openapi('Event');

const TaskEventOfAny = z
  .object({
    type: z.enum(TASK_EVENTS),
    ...Happened,
    ...OfTask,
    ...GivenUp,
    ...OutcomeFields,
    client_id: z.string(),
  })
  .openapi('EventOfAnyClient');

/** What operators are told beside. */
export const AlertJson = z
  .object({
    type: z.enum(ALERTS),
    ...Happened,
    client_id: z.string().nullable().openapi({ description: 'Null for what is about an upstream key.' }),
    host: z.string().optional().openapi({ description: 'Of `receiver.…`: host and port.' }),
    account_id: z.string().optional().openapi({ description: 'Of `upstream.…` and `credits.exhausted`.' }),
    problem: z.string().nullable().optional().openapi({ description: 'Of `upstream.…`, in words.' }),
    since: z.iso.datetime().optional().openapi({ description: 'Since when it fails, or failed.' }),
    pending: z.int().optional().openapi({ description: 'Of `receiver.…`: deliveries that wait for it.' }),
    queued: z.int().optional().openapi({ description: 'Of `upstream.…`: tasks that wait.' }),
    credits_today: z.number().optional().openapi({ description: 'Of `spending.near`.' }),
    daily_credit_limit: z.number().optional(),
  })
  .openapi('Alert');

export const AdminEventJson = z.union([TaskEventOfAny, AlertJson]).openapi('AdminEvent');

import { createRoute, z } from '@hono/zod-openapi';
import { isoTime } from '../domain/clock.ts';
import type { Pulse } from '../store/pulse.ts';
import { adminToken, json, problems } from './contract.ts';
import type { App, Services } from './services.ts';
import { TaskStateWord } from './task-json.ts';

const TAG = { tags: ['Operators'], security: adminToken };

const StatsJson = z
  .object({
    tasks: z.record(TaskStateWord, z.int()),
    callbacks: z.record(z.enum(['waiting', 'pending', 'delivered', 'failed']), z.int()),
    oldest_due_seconds: z
      .number()
      .nullable()
      .openapi({ description: 'How long the oldest due work has waited; null where nothing is due.' }),
    completion_to_callback_ms: z
      .object({ p50: z.number().nullable(), p95: z.number().nullable() })
      .openapi({ description: "From upstream's end to delivery, over the last 24 h." }),
    last_tick: z
      .object({
        started_at: z.iso.datetime(),
        finished_at: z.iso.datetime().nullable(),
        counts: z.record(z.string(), z.int()).nullable(),
      })
      .nullable()
      .openapi({
        description:
          'The last one that finished, whole. Before any has, the one that began: the rest is null.',
      }),
    running_tick: z
      .object({ started_at: z.iso.datetime() })
      .nullable()
      .openapi({ description: 'The one that has begun since then; null between two.' }),
    resealing: z
      .object({
        resealed: z.int().openapi({ description: 'Values sealed anew with MASTER_KEY.' }),
        unopened: z.int().openapi({ description: 'Values that open with neither master key.' }),
        finished_at: z.iso
          .datetime()
          .nullable()
          .openapi({ description: 'From then on MASTER_KEY_PREVIOUS can be removed.' }),
      })
      .nullable()
      .openapi({ description: 'Null unless MASTER_KEY_PREVIOUS is set.' }),
  })
  .openapi('Stats');

const stats = createRoute({
  method: 'get',
  path: '/admin/stats',
  ...TAG,
  operationId: 'getStats',
  summary: 'How Ringback is doing',
  responses: { 200: json(StatsJson, 'The figures'), ...problems(401, 429) },
});

/** What an operator looks at. */
export function registerAdmin(app: App, services: Services): void {
  app.openapi(stats, async (c) => {
    const now = services.clock.now();
    const [figures, pulse] = await Promise.all([services.stats.read(now), services.stores.pulse.pulse()]);
    const oldest = pulse.oldestDueAt !== null && pulse.oldestDueAt <= now ? pulse.oldestDueAt : null;
    const body = {
      tasks: {
        queued: (figures.tasks['queued'] ?? 0) + (figures.tasks['accepting'] ?? 0),
        running: figures.tasks['running'] ?? 0,
        succeeded: figures.tasks['succeeded'] ?? 0,
        failed: figures.tasks['failed'] ?? 0,
        canceled: figures.tasks['canceled'] ?? 0,
      },
      callbacks: {
        waiting: figures.callbacks['waiting'] ?? 0,
        pending: figures.callbacks['pending'] ?? 0,
        delivered: figures.callbacks['delivered'] ?? 0,
        failed: figures.callbacks['failed'] ?? 0,
      },
      oldest_due_seconds: oldest === null ? null : (now - oldest) / 1_000,
      completion_to_callback_ms: figures.latency,
      ...ticks(pulse),
      resealing: await resealing(services),
    };
    return c.json(body, 200);
  });
}

async function resealing({ config, secrets, stores }: Services) {
  if (config.previousMasterKey === null) return null;
  const stand = await stores.sealed.progress(await secrets.keyName());
  const finishedAt = stand?.finishedAt ?? null;
  return {
    resealed: stand?.resealed ?? 0,
    unopened: stand?.unopened ?? 0,
    finished_at: finishedAt === null ? null : isoTime(finishedAt),
  };
}

/** One run at a time: its own start, end and counts. */
function ticks({ startedAt, finishedAt, finishedStartedAt, counts }: Pulse) {
  if (startedAt === null) return { last_tick: null, running_tick: null };
  const began = { started_at: isoTime(startedAt) };
  // Code of before noted no start with the end: it is known where none has begun since.
  const isOver = finishedAt !== null && finishedAt >= startedAt;
  const ofFinished = finishedStartedAt ?? (isOver ? startedAt : null);
  if (finishedAt === null || ofFinished === null || counts === null)
    return { last_tick: { ...began, finished_at: null, counts: null }, running_tick: null };
  const parsed: Record<string, number> = JSON.parse(counts);
  return {
    last_tick: { started_at: isoTime(ofFinished), finished_at: isoTime(finishedAt), counts: parsed },
    running_tick: startedAt > ofFinished ? began : null,
  };
}

import { createRoute, z } from '@hono/zod-openapi';
import { version } from '../../package.json';
import { storageDollarsAMonth } from '../domain/storage-price.ts';
import type { Metrics } from '../store/metrics.ts';
import type { Pulse } from '../store/pulse.ts';
import { adminToken, problems } from './contract.ts';
import { writeRefusals } from './count-refusals.ts';
import { OPEN_METRICS_TYPE, openMetrics } from './openmetrics.ts';
import type { Family } from './openmetrics.ts';
import type { App, Services } from './services.ts';

const metrics = createRoute({
  method: 'get',
  path: '/admin/metrics',
  tags: ['Operators'],
  security: adminToken,
  operationId: 'getMetrics',
  summary: 'Figures for a monitor, as OpenMetrics',
  description:
    'Cheap enough to be asked for each 15 s: two requests to the database, of which none reads a whole table.',
  responses: {
    200: {
      description: 'OpenMetrics 1.0',
      content: { [OPEN_METRICS_TYPE]: { schema: z.string() } },
    },
    ...problems(401, 429),
  },
});

/** What a monitor scrapes. */
export function registerMetrics(app: App, services: Services): void {
  app.openapi(metrics, async (c) => {
    // What this isolate has counted and not written yet is part of it.
    await writeRefusals(services);
    const now = services.clock.now();
    const [figures, pulse] = await Promise.all([services.metrics.read(now), services.stores.pulse.pulse()]);
    return c.text(openMetrics(familiesOf(figures, pulse, now)), 200, { 'content-type': OPEN_METRICS_TYPE });
  });
}

function familiesOf(figures: Metrics, pulse: Pulse, now: number): Family[] {
  return [
    ...stateFamilies(figures),
    ...ageFamilies(pulse, now),
    ...troubleFamilies(figures),
    ...keptFamilies(figures),
  ];
}

function stateFamilies({ tasks, deliveries, latency }: Metrics): Family[] {
  return [
    {
      name: 'ringback_build',
      type: 'info',
      help: 'The release that runs.',
      samples: [{ suffix: '_info', labels: { version }, value: 1 }],
    },
    {
      name: 'ringback_tasks',
      type: 'gauge',
      help: 'Tasks by state: queued and running now, up to 10000; those that ended of the ones accepted today (UTC).',
      samples: byState(tasks),
    },
    {
      name: 'ringback_deliveries',
      type: 'gauge',
      help: 'Deliveries by state: pending now, and callbacks given up that are still kept, up to 10000 each; delivered in the last hour.',
      samples: byState(deliveries),
    },
    {
      name: 'ringback_callback_latency_seconds',
      type: 'summary',
      unit: 'seconds',
      help: "From a task's end to its delivery, of deliveries in the last hour, the newest 5000.",
      samples: [
        { labels: { quantile: '0.5' }, value: seconds(latency.p50) },
        { labels: { quantile: '0.95' }, value: seconds(latency.p95) },
      ],
    },
  ];
}

function ageFamilies({ oldestDueAt, startedAt }: Pulse, now: number): Family[] {
  const due = oldestDueAt !== null && oldestDueAt <= now ? now - oldestDueAt : 0;
  return [
    {
      name: 'ringback_due_age_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'For how long the oldest work that could go has been due; 0 where none is.',
      samples: [{ value: seconds(due) }],
    },
    {
      name: 'ringback_last_tick_age_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'Since the last run of the cron began.',
      samples: [{ value: startedAt === null ? null : seconds(now - startedAt) }],
    },
  ];
}

function troubleFamilies({ receiversFailing, keysLimited, credits, refused }: Metrics): Family[] {
  return [
    {
      name: 'ringback_receivers_failing',
      type: 'gauge',
      help: 'Receivers, each as one client meets it, that gave no answer to ten attempts in a row, over at least 30 s.',
      samples: [{ value: receiversFailing }],
    },
    {
      name: 'ringback_upstream_keys_limited',
      type: 'gauge',
      help: 'Upstream keys that upstream told to wait.',
      samples: [{ value: keysLimited }],
    },
    {
      name: 'ringback_credits_today',
      type: 'gauge',
      help: 'Estimated credits of the tasks accepted today (UTC), by client.',
      samples: credits.map(({ clientId, credits: value }) => ({ labels: { client: clientId }, value })),
    },
    {
      name: 'ringback_posts_refused',
      type: 'counter',
      help: 'Posts of tasks that were refused, by client and by the last part of the type of the problem.',
      samples: refused.map(({ clientId, reason, count }) => {
        return { suffix: '_total', labels: { client: clientId, reason }, value: count };
      }),
    },
  ];
}

function keptFamilies({ keptBytes }: Metrics): Family[] {
  return [
    {
      name: 'ringback_kept_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'What the kept result files take in the bucket.',
      samples: [{ value: keptBytes }],
    },
    {
      name: 'ringback_kept_month_dollars',
      type: 'gauge',
      unit: 'dollars',
      help: 'What storing these for a month costs at R2, where nothing else of the account is stored there.',
      samples: [{ value: storageDollarsAMonth(keptBytes) }],
    },
  ];
}

function byState(counts: object): Family['samples'] {
  return Object.entries(counts).map(([state, value]) => ({ labels: { state }, value: Number(value) }));
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

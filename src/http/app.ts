import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { databaseTrouble, retryAfterTrouble, wordsOfTrouble } from '../domain/database-trouble.ts';
import { logError } from '../engine/log.ts';
import { registerAdmin } from './admin.ts';
import { registerAdminModels } from './admin-models.ts';
import { registerAdminClients } from './admin-clients.ts';
import { registerAdminRotations } from './admin-rotations.ts';
import { registerAdminTasks } from './admin-tasks.ts';
import { registerAudit } from './audit.ts';
import { adminAuth, clientAuth, POSTS_OF_TASKS } from './auth.ts';
import { registerCallbackTest } from './callback-test.ts';
import { countRefusals } from './count-refusals.ts';
import { registerClient } from './client.ts';
import { registerConnectors } from './connectors/route.ts';
import { registerDeliveries } from './deliveries.ts';
import { registerDropIn } from './drop-in.ts';
import { registerFiles } from './files.ts';
import { registerEvents } from './events.ts';
import { registerHealth } from './health.ts';
import { registerMcp } from './mcp/route.ts';
import { registerMetrics } from './metrics.ts';
import { registerModels } from './models.ts';
import { registerOpenApi } from './openapi.ts';
import { pathOfRequest, withoutEmptyParameters } from './paths.ts';
import { ProblemError } from './problem.ts';
import { registerRedeliveries } from './redeliveries.ts';
import { refusalResponse } from './refusal.ts';
import { warnOfRisks } from './risks.ts';
import { securityHeaders } from './security-headers.ts';
import type { App, AppEnv, Services } from './services.ts';
import { registerTaskActions } from './task-actions.ts';
import { registerTaskReads } from './task-reads.ts';
import { registerUsage } from './usage.ts';
import { registerTasks } from './tasks.ts';
import { registerSubscriptions } from './subscriptions.ts';
import { refuseInvalid } from './validation.ts';
import { registerWaits } from './waits.ts';

/** The API: every route, behind its own sign-in. */
export function createApp(services: Services): App {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid, getPath: pathOfRequest });
  app.onError((error, c) => refusalResponse(c.req.path, asProblem(error, services.clock.now())));
  app.notFound(({ req }) =>
    refusalResponse(
      req.path,
      new ProblemError('not-found', `There is nothing at ${req.method} ${req.path}.`),
    ),
  );

  app.use(securityHeaders);
  app.use(warnOfRisks(services.config));
  for (const path of POSTS_OF_TASKS) app.use(path, countRefusals(services));
  app.use('/v1/*', clientAuth(services));
  app.use('/api/*', clientAuth(services));
  app.use('/admin/*', adminAuth(services));
  for (const surface of ['/v1/*', '/api/*', '/admin/*']) app.use(surface, withoutEmptyParameters);

  registerTasks(app, services);
  registerTaskReads(app, services);
  registerTaskActions(app, services);
  registerWaits(app, services);
  registerDeliveries(app, services);
  registerModels(app, services);
  registerClient(app, services);
  registerUsage(app, services);
  registerDropIn(app, services);
  registerAdminClients(app, services);
  registerAdminRotations(app, services);
  registerAdminModels(app, services);
  registerCallbackTest(app, services);
  registerRedeliveries(app, services);
  registerSubscriptions(app, services);
  registerEvents(app, services);
  registerAdmin(app, services);
  registerAdminTasks(app, services);
  registerAudit(app, services);
  registerMetrics(app, services);
  registerHealth(app, services);
  registerFiles(app, services);
  registerOpenApi(app, services);
  registerMcp(app, services);
  registerConnectors(app, services);
  return app;
}

function asProblem(error: Error, now: number): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof HTTPException && error.status === 400)
    return new ProblemError('not-json', error.message);
  logError('request failed', error);
  const trouble = databaseTrouble(error);
  if (trouble !== null) {
    const retryAfterSeconds = retryAfterTrouble(trouble, now);
    const detail = `${wordsOfTrouble(trouble)} Send the request again after Retry-After, a task with the same Idempotency-Key.`;
    return new ProblemError('database-unavailable', detail, { retryAfterSeconds });
  }
  return new ProblemError(
    'internal-error',
    'It is logged, and nothing that was accepted is lost. To post a task again, send it with the same Idempotency-Key.',
  );
}

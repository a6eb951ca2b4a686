import { ConfigError } from './config.ts';
import { fireCron, runLeg, runWorker } from './engine/cron.ts';
import { logError } from './engine/log.ts';
import { pathOfRequest } from './http/paths.ts';
import { ProblemError } from './http/problem.ts';
import { refusalResponse } from './http/refusal.ts';
import { runtimeOf } from './wiring/runtime.ts';
import { legOf } from './wiring/wake-up.ts';
import type { WakeUp } from './wiring/wake-up.ts';

export default {
  async fetch(request, env, ctx) {
    try {
      return await runtimeOf(env).app.fetch(request, env, ctx);
    } catch (error) {
      if (error instanceof ConfigError)
        return refusalResponse(pathOfRequest(request), new ProblemError('misconfigured', error.message));
      throw error;
    }
  },

  async scheduled(_controller, env) {
    try {
      await fireCron(runtimeOf(env).services);
    } catch (error) {
      logError('the tick failed; what it had claimed comes due again by itself', error);
      throw error;
    }
  },

  async queue({ messages: [message] }, env) {
    try {
      const { services } = runtimeOf(env);
      const leg = legOf(message?.body);
      await (leg === null ? runWorker(services) : runLeg(services, leg));
    } catch (error) {
      // Not thrown: a wake-up is not worth another try, the cron comes in any case.
      logError('a worker failed; what it had claimed comes due again by itself', error);
    }
  },
} satisfies ExportedHandler<Env, WakeUp>;

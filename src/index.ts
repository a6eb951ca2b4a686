import { ConfigError } from './config.ts';
import { fireCron } from './engine/cron.ts';
import { logError } from './engine/log.ts';
import { ProblemError, problemResponse } from './http/problem.ts';
import { runtimeOf } from './runtime.ts';

export default {
  async fetch(request, env, ctx) {
    try {
      return await runtimeOf(env).app.fetch(request, env, ctx);
    } catch (error) {
      if (error instanceof ConfigError)
        return problemResponse(new ProblemError('misconfigured', error.message));
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
} satisfies ExportedHandler<Env>;

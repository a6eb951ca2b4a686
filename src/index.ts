import { fireCron, runLeg, runWorker } from './engine/cron.ts';
import { logError } from './engine/log.ts';
import { servicesOf } from './wiring/runtime.ts';
import { legOf } from './wiring/wake-up.ts';
import type { WakeUp } from './wiring/wake-up.ts';

export default {
  async fetch(request, env, ctx) {
    // Evaluated with an isolate's first request: a cron run needs none of it.
    const { answer } = await import('./wiring/answer.ts');
    return await answer(request, env, ctx);
  },

  async scheduled(_controller, env) {
    try {
      await fireCron(servicesOf(env));
    } catch (error) {
      logError('the tick failed; what it had claimed comes due again by itself', error);
      throw error;
    }
  },

  async queue({ messages: [message] }, env) {
    try {
      const services = servicesOf(env);
      const leg = legOf(message?.body);
      await (leg === null ? runWorker(services) : runLeg(services, leg));
    } catch (error) {
      // Not thrown: a wake-up is not worth another try, the cron comes in any case.
      logError('a worker failed; what it had claimed comes due again by itself', error);
    }
  },
} satisfies ExportedHandler<Env, WakeUp>;

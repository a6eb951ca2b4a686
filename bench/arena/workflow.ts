import { bundle } from './bundle.ts';
import { taskOf, type Contender } from './contender.ts';
import { COMPATIBILITY_DATE, startWorkerd } from './runtime.ts';
import { UPSTREAM_KEY } from './upstream.ts';

/** The same job as a Cloudflare Workflow, one instance a task, in the local emulation of workerd. */
export const workflow: Contender = {
  name: 'Cloudflare Workflow, 5 s',
  start: async ({ upstream, folder }) => {
    const workerd = await startWorkerd({
      modules: true,
      script: await bundle('bench/workers/workflow.ts'),
      compatibilityDate: COMPATIBILITY_DATE,
      workflows: { POLLING: { name: 'polling', className: 'PollingWorkflow' } },
      bindings: { UPSTREAM_URL: upstream.origin, UPSTREAM_KEY },
      resourcePersistencePath: folder,
    });
    return {
      pid: workerd.pid,
      post: async (job) => {
        const response = await workerd.miniflare.dispatchFetch('http://workflow.test/', {
          method: 'POST',
          body: JSON.stringify({ task: taskOf(job), callbackUrl: job.callbackUrl }),
        });
        const text = await response.text();
        if (!response.ok)
          throw new Error(`The workflow was not created: ${response.status} ${text.slice(0, 200)}`);
      },
      stop: workerd.stop,
    };
  },
};

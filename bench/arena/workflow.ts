import { bundle } from './bundle.ts';
import { taskOf, type Arena, type Contender, type Running } from './contender.ts';
import { COMPATIBILITY_DATE, startWorkerd } from './runtime.ts';
import { UPSTREAM_KEY } from './upstream.ts';

/** The same job as a Cloudflare Workflow, one instance a task, in the local emulation of workerd. */
function workflowOf(name: string, className: string): Contender {
  return { name, start: async (arena) => await startWorkflow(className, arena) };
}

/** Each poll a step, and a sleep between two: as the documentation of Workflows writes such things. */
export const workflow = workflowOf('Workflow, a step a poll, 5 s', 'PollingWorkflow');
/** All polls are tries of one step, which are not charged for. */
export const workflowOfRetries = workflowOf('Workflow, polls as retries, 5 s', 'RetryingWorkflow');

async function startWorkflow(className: string, { upstream, folder }: Arena): Promise<Running> {
  const workerd = await startWorkerd({
    modules: true,
    script: await bundle('bench/workers/workflow.ts'),
    compatibilityDate: COMPATIBILITY_DATE,
    workflows: { POLLING: { name: 'polling', className } },
    bindings: { UPSTREAM_URL: upstream.origin, UPSTREAM_KEY },
    resourcePersistencePath: folder,
  });
  return {
    pids: [workerd.pid],
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
}

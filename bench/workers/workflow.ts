import { WorkflowEntrypoint } from 'cloudflare:workers';
import type { WorkflowEvent, WorkflowStep } from 'cloudflare:workers';

interface WorkflowEnv {
  POLLING: Workflow<Params>;
  UPSTREAM_URL: string;
  UPSTREAM_KEY: string;
}

interface Params {
  task: unknown;
  callbackUrl: string;
}

interface RecordInfo {
  data: { completeTime: number | null };
}

interface Ended {
  id: string;
  callbackUrl: string;
  endedAt: number;
}

/** More than any task of the bench needs. */
const MAX_POLLS = 1_000;

/** What both forms do alike. */
abstract class Job extends WorkflowEntrypoint<WorkflowEnv, Params> {
  protected async create(step: WorkflowStep, task: unknown): Promise<string> {
    return await step.do('create', async () => {
      const body = JSON.stringify(task);
      const { data } = await this.ask<{ data: { taskId: string } }>('createTask', { method: 'POST', body });
      return data.taskId;
    });
  }

  protected async deliver(step: WorkflowStep, { id, callbackUrl, endedAt }: Ended): Promise<void> {
    const body = JSON.stringify({ id, completed_at: new Date(endedAt).toISOString() });
    await step.do('deliver', async () => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(callbackUrl, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(`The receiver answered ${response.status}.`);
    });
  }

  protected async ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers = {
      authorization: `Bearer ${this.env.UPSTREAM_KEY}`,
      'content-type': 'application/json',
    };
    const response = await fetch(`${this.env.UPSTREAM_URL}/api/v1/jobs/${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`Upstream answered ${response.status}.`);
    return await response.json<T>();
  }
}

/**
 * The job of Ringback as the documentation of Workflows writes such things: each effect a step, which is kept and tried
 * again by itself, and a sleep between two polls.
 */
export class PollingWorkflow extends Job {
  override async run(event: WorkflowEvent<Params>, step: WorkflowStep): Promise<void> {
    const { task, callbackUrl } = event.payload;
    const id = await this.create(step, task);
    let endedAt: number | null = null;
    for (let poll = 1; endedAt === null; poll++) {
      await step.sleep(`wait ${poll}`, '5 seconds');
      endedAt = await step.do(`poll ${poll}`, async () => {
        const { data } = await this.ask<RecordInfo>(`recordInfo?taskId=${id}`);
        return data.completeTime;
      });
    }
    await this.deliver(step, { id, callbackUrl, endedAt });
  }
}

/** The same with the polls as tries of one step: three steps a task, however long it takes. */
export class RetryingWorkflow extends Job {
  override async run(event: WorkflowEvent<Params>, step: WorkflowStep): Promise<void> {
    const { task, callbackUrl } = event.payload;
    const id = await this.create(step, task);
    await step.sleep('the first wait', '5 seconds');
    const retries = { limit: MAX_POLLS, delay: '5 seconds', backoff: 'constant' } as const;
    const endedAt = await step.do('poll', { retries }, async () => {
      const { data } = await this.ask<RecordInfo>(`recordInfo?taskId=${id}`);
      if (data.completeTime === null) throw new Error('It has not ended.');
      return data.completeTime;
    });
    await this.deliver(step, { id, callbackUrl, endedAt });
  }
}

export default {
  async fetch(request, env): Promise<Response> {
    const instance = await env.POLLING.create({ params: await request.json<Params>() });
    return Response.json({ id: instance.id });
  },
} satisfies ExportedHandler<WorkflowEnv>;

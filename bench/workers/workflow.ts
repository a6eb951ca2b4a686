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

/**
 * The job of the relay as the documentation of Workflows writes such things: each effect a step, which is kept and tried
 * again by itself, and a sleep between two polls.
 */
export class PollingWorkflow extends WorkflowEntrypoint<WorkflowEnv, Params> {
  override async run(event: WorkflowEvent<Params>, step: WorkflowStep): Promise<void> {
    const { task, callbackUrl } = event.payload;
    const id = await step.do('create', async () => {
      const body = JSON.stringify(task);
      const { data } = await this.ask<{ data: { taskId: string } }>('createTask', { method: 'POST', body });
      return data.taskId;
    });
    let endedAt: number | null = null;
    for (let poll = 1; endedAt === null; poll++) {
      await step.sleep(`wait ${poll}`, '5 seconds');
      endedAt = await step.do(`poll ${poll}`, async () => {
        const { data } = await this.ask<RecordInfo>(`recordInfo?taskId=${id}`);
        return data.completeTime;
      });
    }
    const body = JSON.stringify({ id, completed_at: new Date(endedAt).toISOString() });
    await step.do('deliver', async () => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(callbackUrl, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(`The receiver answered ${response.status}.`);
    });
  }

  private async ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers = {
      authorization: `Bearer ${this.env.UPSTREAM_KEY}`,
      'content-type': 'application/json',
    };
    const response = await fetch(`${this.env.UPSTREAM_URL}/api/v1/jobs/${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`Upstream answered ${response.status}.`);
    return await response.json<T>();
  }
}

export default {
  async fetch(request, env): Promise<Response> {
    const instance = await env.POLLING.create({ params: await request.json<Params>() });
    return Response.json({ id: instance.id });
  },
} satisfies ExportedHandler<WorkflowEnv>;

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { N8n } from './n8n.ts';

const TIMEOUT_MS = 30_000;
const ranShape = z.object({ data: z.object({ waitingForWebhook: z.boolean().optional() }) });

/** What n8n's editor does on the buttons that a person presses there. */
export class Editor {
  private readonly n8n: N8n;
  private readonly cookie: string;

  private constructor(n8n: N8n, cookie: string) {
    this.n8n = n8n;
    this.cookie = cookie;
  }

  /** Sets the owner of a fresh n8n up, who then is signed in. */
  static async open(n8n: N8n): Promise<Editor> {
    const owner = { email: 'owner@example.com', firstName: 'Ada', lastName: 'L' };
    const password = `A1${randomBytes(12).toString('hex')}`;
    const answer = await post(n8n, '/rest/owner/setup', { ...owner, password });
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.replace(/;.*/, ''));
    return new Editor(n8n, cookies.join('; '));
  }

  /** "Execute workflow", from this trigger on: n8n listens at the trigger's test address then. */
  async listen(workflow: string, trigger: string): Promise<void> {
    const body = { triggerToStartFrom: { name: trigger } };
    const answer = await post(this.n8n, `/rest/workflows/${workflow}/run`, body, this.cookie);
    const { data } = ranShape.parse(await answer.json());
    if (data.waitingForWebhook !== true) throw new Error(`n8n does not listen: ${JSON.stringify(data)}`);
  }

  /** "Unpublish". */
  async unpublish(workflow: string): Promise<void> {
    await post(this.n8n, `/rest/workflows/${workflow}/deactivate`, {}, this.cookie);
  }
}

async function post(n8n: N8n, path: string, body: object, cookie = ''): Promise<Response> {
  const answer = await fetch(new URL(path, n8n.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'push-ref': 'recipe', cookie },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok)
    throw new Error(`${path} of n8n answered ${answer.status}: ${(await answer.text()).slice(0, 400)}`);
  return answer;
}

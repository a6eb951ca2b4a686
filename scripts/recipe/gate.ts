import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer, json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const MAX_WORDS = 400;
const LOOK_AGAIN_MS = 100;
/** What n8n answers to a callback before it waits. */
const TOO_EARLY = 409;

const reportShape = z.object({
  execution: z.string(),
  video_url: z.string().optional(),
  problem: z.string().optional(),
  /** Of the nodes: which item it was, and what the trigger was told. */
  prompt: z.string().optional(),
  event: z.string().optional(),
});
/** What an end of the workflow was given. */
export type Report = z.infer<typeof reportShape>;

/** What n8n answered to a callback; null where it did not answer. */
export interface Answer {
  path: string;
  status: number | null;
  words: string;
}

/**
 * Stands before n8n, as the proxy of an n8n in earnest does: callbacks come in here. It notes what n8n answers, and can
 * lose an answer on its way back. The ends of the workflows report here too.
 */
export class Gate {
  readonly answers: Answer[] = [];
  readonly reports: Report[] = [];
  /** How many answers to callbacks are still to be lost. */
  answersToLose = 0;
  private readonly n8nPort: number;
  private readonly server: Server;

  private constructor(n8nPort: number) {
    this.n8nPort = n8nPort;
    this.server = createServer((incoming, outgoing) => {
      this.serve(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  static async open(n8nPort: number): Promise<Gate> {
    const gate = new Gate(n8nPort);
    await new Promise<void>((resolve) => {
      gate.server.listen(0, '127.0.0.1', resolve);
    });
    return gate;
  }

  get url(): URL {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The gate is not open.');
    return new URL(`http://127.0.0.1:${address.port}`);
  }

  [Symbol.dispose](): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', this.url);
    if (pathname === '/report') {
      this.reports.push(reportShape.parse(await json(incoming)));
      outgoing.writeHead(204).end();
    } else if (pathname === '/slow') {
      await this.refusedSinceNow(Number(searchParams.get('ms')));
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    } else {
      await this.forward(incoming, outgoing);
    }
  }

  /** Until n8n has answered a callback that it does not wait yet, at most so long. */
  private async refusedSinceNow(mostMs: number): Promise<void> {
    const before = this.answers.length;
    const until = performance.now() + mostMs;
    const isRefused = () => this.answers.slice(before).some(({ status }) => status === TOO_EARLY);
    while (!isRefused() && performance.now() < until) await sleep(LOOK_AGAIN_MS);
  }

  private async forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = (incoming.url ?? '/').replace(/\?.*/, '');
    let answer: IncomingMessage;
    let body: Buffer;
    try {
      answer = await askN8n(this.n8nPort, incoming);
      body = await buffer(answer);
    } catch {
      this.answers.push({ path, status: null, words: 'connection refused' });
      outgoing.destroy();
      return;
    }
    const status = answer.statusCode ?? null;
    this.answers.push({ path, status, words: body.toString().slice(0, MAX_WORDS) });
    if (this.answersToLose > 0) {
      this.answersToLose--;
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(status ?? 502, answer.headers).end(body);
  }
}

/** The request byte for byte, the query with its signature included. */
async function askN8n(port: number, incoming: IncomingMessage): Promise<IncomingMessage> {
  const body = await buffer(incoming);
  return await new Promise((resolve, reject) => {
    const { method, url: path, headers } = incoming;
    const asking = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve);
    asking.once('error', reject);
    asking.end(body);
  });
}

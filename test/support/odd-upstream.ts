import { env } from 'cloudflare:workers';
import { createExecutionContext } from 'cloudflare:test';
import { createUpstream } from '../../src/upstream/client.ts';
import { runCron } from '../../src/engine/cron.ts';
import { createApp } from '../../src/http/app.ts';
import { startRelay } from './relay.ts';

/** What upstream answers, by the path that was asked and the request itself. */
export type Answers = (path: string, request: Request) => Response;

/** A relay whose upstream answers whatever it likes. */
export async function withUpstream(answers: Answers, vars: Record<string, string> = {}) {
  const relay = await startRelay({ vars: { TICK_SECONDS: '10', ...vars } });
  const { key } = await relay.client();
  const calls: string[] = [];
  const upstream = createUpstream({
    baseUrl: 'https://upstream.test',
    clock: relay.clock,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { pathname } = new URL(request.url);
      calls.push(pathname);
      return answers(pathname, request);
    },
  });
  const serve = () => {
    const startInvocation = () => ({ ...relay.services.startInvocation(), upstream });
    const services = { ...relay.services, upstream, startInvocation };
    return { services, app: createApp(services) };
  };
  let running = serve();
  const ask = async (method: string, path: string, body?: unknown, as = key) => {
    const headers = { authorization: `Bearer ${as}`, 'content-type': 'application/json' };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await running.app.request(
      `https://relay.test${path}`,
      init,
      env,
      createExecutionContext(),
    );
    const text = await response.text();
    // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
    const answer: any = text && JSON.parse(text);
    return { status: response.status, body: answer, text };
  };
  return {
    relay,
    key,
    calls,
    ask,
    tick: async () => await runCron(running.services),
    /** The process is gone; another one starts over the same data. */
    restart: () => {
      relay.restart();
      running = serve();
    },
  };
}

/** Upstream's envelope. */
export const envelope = (data: unknown, code = 200, msg = 'success') => Response.json({ code, msg, data });

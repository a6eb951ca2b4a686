import { text } from 'node:stream/consumers';
import { seededRandom } from '../../sandbox/upstream/random.ts';
import { UpstreamSimulator } from '../../sandbox/upstream/simulator.ts';
import { serve, type Server } from './server.ts';

/** A key of the sandbox without limits: what is measured is the contender, not upstream's tiers. */
export const UPSTREAM_KEY = 'sk-bench-unlimited';
/** Below this path every task runs for ever: an upstream that answers at once, whatever it is asked. */
export const ENDLESS_PATH = '/endless';
const ENDLESS = JSON.stringify({
  code: 200,
  msg: 'success',
  data: {
    taskId: 'task_endless',
    model: 'seedance-2.0-reference-to-video',
    state: 'waiting',
    param: '{}',
    resultJson: null,
    failCode: null,
    failMsg: null,
    costTime: null,
    completeTime: null,
    createTime: null,
  },
});
const CREATE_PATH = '/api/v1/jobs/createTask';

/** The sandbox's simulator behind a plain server of this process, so that it costs the contenders nothing. */
export interface Upstream extends Server {
  readonly calls: () => { created: number; creates: number; polls: number };
}

/** @param endlessAfterMs how long it takes to answer below `ENDLESS_PATH`. */
export async function startUpstream(endlessAfterMs = 0): Promise<Upstream> {
  const simulator = new UpstreamSimulator({ now: Date.now, random: seededRandom(1) });
  simulator.configureKey(UPSTREAM_KEY, { credits: Number.MAX_SAFE_INTEGER });
  const calls = { creates: 0, polls: 0 };
  const server = await serve((request, response) => {
    const { authorization = null } = request.headers;
    const answer = (envelope: { code: number }): void => {
      response.writeHead(envelope.code, { 'content-type': 'application/json' });
      response.end(JSON.stringify(envelope));
    };
    const url = new URL(request.url ?? '/', 'http://upstream');
    if (url.pathname.startsWith(ENDLESS_PATH)) {
      calls.polls++;
      if (endlessAfterMs === 0) response.end(ENDLESS);
      else setTimeout(() => response.end(ENDLESS), endlessAfterMs);
      return;
    }
    if (url.pathname !== CREATE_PATH) {
      calls.polls++;
      request.resume();
      answer(
        simulator.recordInfo({ authorization, taskId: url.searchParams.get('taskId'), origin: url.origin }),
      );
      return;
    }
    calls.creates++;
    const requestId = request.headers['x-request-id'];
    text(request)
      .then((body) =>
        answer(simulator.createTask({ authorization, requestId: requestId?.toString() ?? null, body })),
      )
      .catch(() => response.destroy());
  });
  return { ...server, calls: () => ({ ...calls, created: simulator.snapshot().tasks.length }) };
}

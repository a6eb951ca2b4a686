import { Hono } from 'hono';
import { answer, type Sleep } from './answer.ts';
import { createControlApp } from './control.ts';
import { refusal } from './envelope.ts';
import { sendFile, type ResultFiles } from './files.ts';
import type { UpstreamSimulator } from './simulator.ts';

export interface UpstreamAppOptions {
  simulator: UpstreamSimulator;
  /** The result files; without them their URLs answer 404. */
  files?: ResultFiles;
  /** How a fault waits; really, unless a test hands in its own. */
  sleep?: Sleep;
}

/** The upstream API over HTTP, with its result files and, under `/_sandbox/`, the control API. */
export function createUpstreamApp({ simulator, files, sleep = reallySleep }: UpstreamAppOptions): Hono {
  const app = new Hono();
  app.post('/api/v1/jobs/createTask', async (c) => {
    const body = await c.req.text();
    const authorization = c.req.header('authorization') ?? null;
    const requestId = c.req.header('x-request-id') || null;
    const run = () => simulator.createTask({ authorization, requestId, body });
    const other = () => simulator.createOther({ authorization, requestId });
    return answer(c, { simulator, sleep, endpoint: 'createTask', run, other });
  });
  app.get('/api/v1/jobs/recordInfo', (c) => {
    const authorization = c.req.header('authorization') ?? null;
    const taskId = c.req.query('taskId') ?? null;
    const { origin } = new URL(c.req.url);
    const run = () => simulator.recordInfo({ authorization, taskId, origin });
    const other = () => simulator.recordOther({ authorization, taskId, origin });
    return answer(c, { simulator, sleep, endpoint: 'recordInfo', run, other });
  });
  app.get('/files/:taskId/:name', (c) => {
    const result = simulator.result(c.req.param('taskId'), c.req.param('name'));
    return result === null ? c.notFound() : sendFile(c, { files, sleep, result });
  });
  app.route('/_sandbox', createControlApp(simulator));
  app.get('/', (c) => c.text('The Ringback sandbox of the upstream API. What it does: sandbox/README.md\n'));
  app.notFound((c) => c.json(refusal(404, 'no such endpoint'), 404));
  return app;
}

const reallySleep: Sleep = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

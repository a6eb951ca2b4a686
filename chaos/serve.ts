import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A server on loopback. */
export interface Served {
  origin: string;
  stop: () => Promise<void>;
}

/** What a Hono app is to a server: a request in, a response out. */
export interface FetchApp {
  fetch: (request: Request) => Response | Promise<Response>;
}

/** Serves on a free port of 127.0.0.1. */
export async function listen(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Serves an app in this process, so that nothing of it is killed with Ringback; a body that breaks off breaks the connection. */
export async function serveApp(app: FetchApp): Promise<Served> {
  return await listen((request, response) => {
    handOver(app, request, response).catch(() => response.destroy());
  });
}

async function handOver(app: FetchApp, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', headers, url = '/' } = request;
  const body = await buffer(request);
  const answer = await app.fetch(
    new Request(new URL(url, `http://${headers.host}`), {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(method === 'GET' ? {} : { body }),
    }),
  );
  const bytes = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(bytes);
}

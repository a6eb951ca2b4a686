import { createServer, type RequestListener } from 'node:http';

/** An HTTP server of this process, on loopback. */
export interface Server {
  readonly url: URL;
  readonly stop: () => Promise<void>;
}

export async function serve(listener: RequestListener): Promise<Server> {
  // A caller's pool of connections is kept: what is measured is not the handshake.
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', 4_096, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeAllConnections();
    await closed;
  };
  return { url: new URL(`http://127.0.0.1:${address.port}`), stop };
}

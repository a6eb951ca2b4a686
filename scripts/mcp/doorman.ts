import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Passes requests on to a relay with a client's key, for tools that can send none. On loopback, at any free port. */
export class Doorman {
  readonly url: URL;
  private readonly server: Server;

  private constructor(server: Server, { port }: AddressInfo) {
    this.server = server;
    this.url = new URL(`http://127.0.0.1:${port}`);
  }

  static async open(relay: URL, key: string): Promise<Doorman> {
    const server = createServer((incoming, outgoing) => {
      const { method, headers, url } = incoming;
      const options = { method, headers: { ...headers, authorization: `Bearer ${key}` } };
      const passed = request(new URL(url ?? '/', relay), options, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.once('error', () => outgoing.destroy());
      incoming.pipe(passed);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens at a port, at no pipe
    return new Doorman(server, server.address() as AddressInfo);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

import { once } from 'node:events';
import { createServer } from 'node:net';
import { delimiter } from 'node:path';
import { Running, Terminal, type NodeAtHand } from './terminal.ts';

const PRINTED_LINE = /^ {2}(RINGBACK|ADMIN_TOKEN|KEY|SIGNING_SECRET)=(.*)$/gm;

/** Ports of this machine that nobody has, in the place of those that the pages name. */
export interface OwnPorts {
  readonly relay: number;
  readonly upstream: number;
  readonly inbox: number;
  readonly receiver: number;
}

export async function ownPorts(): Promise<OwnPorts> {
  const [relay, upstream, inbox, receiver] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  return { relay, upstream, inbox, receiver };
}

/** `npm run dev` in this clone, once it has printed its lines to paste. */
export class Development extends Running {
  constructor(clone: string, ports: OwnPorts) {
    super('npm', ['run', 'dev'], {
      cwd: clone,
      env: {
        ...process.env,
        RELAY_PORT: String(ports.relay),
        UPSTREAM_PORT: String(ports.upstream),
        INBOX_PORT: String(ports.inbox),
        TIME_SCALE: '0.02',
      },
    });
  }

  static async started(clone: string, ports: OwnPorts): Promise<Development> {
    const development = new Development(clone, ports);
    try {
      await development.says(/Ctrl-C stops everything/);
    } catch (error) {
      await development.stop();
      throw error;
    }
    return development;
  }

  /** The lines as they stand on the screen. */
  get lines(): string[] {
    return Array.from(this.printed.matchAll(PRINTED_LINE), ([line]) => line);
  }

  /** What one of the lines sets. */
  value(name: string): string {
    return this.lines.find((line) => line.trim().startsWith(`${name}=`))?.replace(/^.*?=/, '') ?? '';
  }
}

/** A second terminal in the clone, in which `node` is this one. */
export function secondTerminal(clone: string, { receiver }: OwnPorts, { folder }: NodeAtHand): Terminal {
  const path = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  return new Terminal({ cwd: clone, env: { ...process.env, PATH: path, PORT: String(receiver) } });
}

/** A block of a page as a reader of it pastes it whose ports, hook and ids are others. */
export function withOwn(block: string, ports: OwnPorts, ids: { task: string; client: string }): string {
  return block
    .replaceAll('127.0.0.1:8789', `127.0.0.1:${ports.inbox}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${ports.receiver}`)
    .replaceAll('PORT=3000', `PORT=${ports.receiver}`)
    .replaceAll('https://hooks.example.com/your-hook', `http://127.0.0.1:${ports.inbox}/hooks/dev`)
    .replaceAll('task_…', ids.task)
    .replaceAll('client_…', ids.client);
}

/** A port of this machine that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

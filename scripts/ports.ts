import { createServer } from 'node:net';

const MAX_PORT = 65_535;

export interface Ports {
  relay: number;
  upstream: number;
  inbox: number;
}

/** Any free port for each. */
export const FREE_PORTS: Ports = { relay: 0, upstream: 0, inbox: 0 };

const FIXED: Record<keyof Ports, { variable: string; port: number }> = {
  relay: { variable: 'RELAY_PORT', port: 8787 },
  upstream: { variable: 'UPSTREAM_PORT', port: 8788 },
  inbox: { variable: 'INBOX_PORT', port: 8789 },
};

/** The ports that stay the same from day to day, or their overrides; an error says which one is taken. */
export async function fixedPorts(env: NodeJS.ProcessEnv): Promise<Ports> {
  const [relay, upstream, inbox] = await Promise.all([
    portFor('relay', env),
    portFor('upstream', env),
    portFor('inbox', env),
  ]);
  return { relay, upstream, inbox };
}

async function portFor(name: keyof Ports, env: NodeJS.ProcessEnv): Promise<number> {
  const { variable, port: usual } = FIXED[name];
  const port = Number(env[variable] ?? usual);
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) {
    throw new Error(`${variable} must be a port from 1 to ${MAX_PORT}, not ${env[variable]}.`);
  }
  if (!(await isFree(port))) {
    throw new Error(
      `Port ${port}, for the ${name}, is taken. Free it, or choose another with ${variable}=….`,
    );
  }
  return port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

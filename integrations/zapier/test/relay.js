import { createServer } from 'node:http';
import { once } from 'node:events';
import { createAppTester } from 'zapier-platform-core';
import App from '../index.js';

const { RINGBACK_URL, RINGBACK_KEY, SIGNING_SECRET } = process.env;
if (!RINGBACK_URL || !RINGBACK_KEY || !SIGNING_SECRET)
  throw new Error(
    'RINGBACK_URL, RINGBACK_KEY and SIGNING_SECRET name a relay on the sandbox, and a client of it.',
  );

export const authData = { url: `${RINGBACK_URL}/`, key: RINGBACK_KEY, signing_secret: SIGNING_SECRET };
/** Runs a function of the app as Zapier does. */
export const run = createAppTester(App);

/** Asks Ringback itself. */
export async function ask(path, { method = 'GET', body, headers } = {}) {
  const answer = await fetch(RINGBACK_URL + path, {
    method,
    headers: {
      authorization: `Bearer ${RINGBACK_KEY}`,
      ...headers,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: await answer.json().catch(() => null) };
}

/** A task once it has ended. */
export async function taskAtEnd(id) {
  for (;;) {
    const { status, body } = await ask(`/v1/tasks/${id}/result`, { headers: { prefer: 'wait=10' } });
    if (status === 200) return body;
  }
}

/** The first of what comes to an address on this machine, as Zapier hands it to the app. */
export async function receiver() {
  const came = [];
  const server = createServer(async (request, response) => {
    let content = '';
    for await (const part of request) content += part;
    response.writeHead(200).end();
    const headers = Object.entries(request.headers).map(([name, value]) => [`Http-${name}`, value]);
    came.push({
      cleanedRequest: JSON.parse(content),
      rawRequest: { headers: Object.fromEntries(headers), content },
    });
    server.emit('came');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/hook`,
    first: async () => came[0] ?? (await once(server, 'came'), came[0]),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

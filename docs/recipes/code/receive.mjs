// Takes callbacks from Ringback, and believes only those that it has signed. Node 20 or later.
//   npm install standardwebhooks
//   SIGNING_SECRET=whsec_… PORT=3000 node receive.mjs
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.SIGNING_SECRET);
// Ids that were dealt with. Keep them in your database: after a restart this set is empty.
const done = new Set();

const server = createServer(async (request, response) => {
  const body = await text(request); // as it came: it is parsed only after it was verified
  let task;
  try {
    task = webhook.verify(body, request.headers);
  } catch {
    response.writeHead(401).end(); // not from Ringback, or changed on the way
    return;
  }
  const id = request.headers['webhook-id'];
  try {
    if (!done.has(id)) await handle(task);
    done.add(id);
    response.writeHead(204).end(); // any 2xx: delivered
  } catch (error) {
    process.stderr.write(`${String(id)}: ${String(error)}\n`);
    response.writeHead(500).end(); // Ringback tries again
  }
});
server.listen(Number(process.env.PORT ?? 3000));

/** Your own work. Where it takes longer than a few seconds, put the task into a queue here and answer at once. */
async function handle(task) {
  process.stdout.write(
    `${task.type} ${task.id} row=${task.metadata?.row} ${task.result_url ?? task.error_message}\n`,
  );
}

// Takes callbacks from Ringback, and believes only those that it signed. Node 20 or later, no packages.
//   SIGNING_SECRET=whsec_… PORT=3000 node receive.mjs
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

const secret = (process.env.SIGNING_SECRET ?? '').trim();
const port = Number(process.env.PORT || 3000);
if (!/^whsec_[\w+/]+=*$/.test(secret)) {
  const problem = secret === '' ? 'is missing' : 'is not a signing secret (whsec_ and base64)';
  stop(
    `SIGNING_SECRET ${problem}. It was shown with the key when the client was made; npm run dev prints both.`,
  );
}
const done = new Set(); // ids that were dealt with: keep them in your database, for a restart empties this

/** The event that was sent. Throws, and says why, where Ringback did not sign these very bytes in the last five minutes. */
function verified({ 'webhook-id': id, 'webhook-timestamp': sentAt, 'webhook-signature': signatures }, body) {
  if (!id || !sentAt || !signatures) throw new Error('it is not signed: a webhook-… header is missing');
  const age = Math.round(Date.now() / 1000 - Number(sentAt));
  if (!(Math.abs(age) <= 300))
    throw new Error(`signed ${age} s ago: an old one sent again, or a wrong clock`);
  const hmac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
  const right = Buffer.from(`v1,${hmac.update(`${id}.${sentAt}.`).update(body).digest('base64')}`);
  const given = signatures.split(' ').map((signature) => Buffer.from(signature));
  if (given.some((one) => one.length === right.length && timingSafeEqual(one, right)))
    return JSON.parse(body);
  throw new Error("the signature does not fit: another client's SIGNING_SECRET, or changed on the way");
}

/** Your own work. Where it takes longer than a few seconds, put the event into a queue here and answer at once. */
async function handle({ type, id, metadata, result_url, error_message }) {
  console.log(type, id, JSON.stringify(metadata), result_url ?? error_message);
}

const server = createServer(async (request, response) => {
  const answer = (status, words) => response.writeHead(status).end(words);
  let event;
  try {
    event = verified(request.headers, await buffer(request)); // as it came: written anew, it has another signature
  } catch ({ message }) {
    console.error(`Refused a ${request.method}: ${message}`);
    return answer(401, message); // Ringback's log of attempts keeps these words
  }
  const id = request.headers['webhook-id'];
  try {
    if (done.has(id)) console.log(id, 'again: it was dealt with');
    else await handle(event);
    done.add(id);
    answer(204); // any 2xx: delivered
  } catch (error) {
    console.error(id, 'failed, and will come again:', error);
    answer(500);
  }
});
server.on('error', ({ message }) => stop(`${message}. For another port, set PORT.`));
server.listen(port, () => console.log(`Waiting for callbacks at http://127.0.0.1:${port}/`));

function stop(problem) {
  console.error(problem);
  process.exit(1);
}

// Posts a task to Ringback. Node 20 or later, no packages.
//   RINGBACK_URL=https://ringback.your-name.workers.dev RINGBACK_KEY=rb_… CALLBACK_URL=https://… node post-task.mjs 42
const { RINGBACK_URL, RINGBACK_KEY, CALLBACK_URL } = process.env;
for (const [name, value] of Object.entries({ RINGBACK_URL, RINGBACK_KEY, CALLBACK_URL })) {
  if (!value) stop(`${name} is missing: ${name}=… node post-task.mjs`);
}
if (!/^https?:/.test(RINGBACK_URL)) stop('RINGBACK_URL begins with https:// (on your own machine http://).');
const row = process.argv[2] ?? '42';

const response = await fetch(new URL('/v1/tasks', RINGBACK_URL), {
  method: 'POST',
  headers: {
    authorization: `Bearer ${RINGBACK_KEY}`,
    'content-type': 'application/json',
    // The same key with the same body is the same task: running this twice costs once.
    'idempotency-key': `video-of-row-${row}`,
  },
  body: JSON.stringify({
    model: 'seedance-2.0-reference-to-video',
    input: { prompt: 'A red fox walks through fresh snow at dawn', resolution: '720p', duration: 5 },
    callback_url: CALLBACK_URL,
    metadata: { row },
  }),
}).catch(({ message, cause }) => stop(`${RINGBACK_URL} cannot be reached: ${cause?.message || message}`));

const text = await response.text();
if (!response.headers.get('content-type')?.includes('json')) {
  stop(
    `${response.status}, and not from Ringback: does RINGBACK_URL name it? It said: ${text.slice(0, 200)}`,
  );
}
const answer = JSON.parse(text);
if (!response.ok) {
  const faults = (answer.errors ?? []).map(({ path, message }) => `\n  ${path}: ${message}`);
  stop(`${response.status} ${answer.title}: ${answer.detail}${faults.join('')}`);
}
console.log(response.status, answer.id, answer.state);

function stop(problem) {
  console.error(problem);
  process.exit(1);
}

// Posts a task to Ringback. Node 20 or later, no packages.
//   RINGBACK_URL=https://ringback.your-name.workers.dev RINGBACK_KEY=rb_… CALLBACK_URL=https://… node post-task.mjs 42
const { RINGBACK_URL, RINGBACK_KEY, CALLBACK_URL } = process.env;
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
});

const answer = await response.json();
if (response.ok) {
  process.stdout.write(`${response.status} ${answer.id} ${answer.state}\n`);
} else {
  process.stderr.write(`${response.status} ${answer.title}: ${answer.detail}\n`);
  for (const { path, message } of answer.errors ?? []) process.stderr.write(`  ${path}: ${message}\n`);
  process.exitCode = 1;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Ringback, verifyCallback } from 'ringback/client';
import type { Attempt, Task } from 'ringback/client';
import { call } from './call.ts';
import { sampleTask } from './sample.ts';
import { boxShape, clientShape, upstreamStateShape, type Client, type ReceivedCallback } from './shapes.ts';
import { tickUntil, type Stack } from './stack.ts';
import type { Story } from './story.ts';

const BOX = 'demo';
const LOOK_AGAIN_MS = 150;
const TICK_PAUSE_MS = 1000;
const MP4_HEAD_BYTES = 12;

/** Takes one task all the way, and tells of each step; throws where one fails, or the deadline aborts. */
export async function followTask(stack: Stack, story: Story, deadline: AbortSignal): Promise<void> {
  await story.tell(
    'The simulator, the inbox and Ringback are up',
    async () => undefined,
    () => [
      '',
      `Ringback  ${stack.relay.origin}`,
      `upstream  ${stack.upstream.origin}  (the simulator, which only answers polls)`,
      `inbox     ${stack.inbox.origin}  (where you would be, waiting for a callback)`,
    ],
  );
  const client = await createClient(stack, story);
  const ringback = new Ringback({ url: stack.relay, key: client.key });
  const task = await postTask(stack, story, { ringback, client });
  const ticking = new AbortController();
  const problems: string[] = [];
  const ticks = tickUntil(stack, {
    signal: ticking.signal,
    pauseMs: TICK_PAUSE_MS,
    onProblem: (problem) => problems.push(problem),
  });
  try {
    await story.tell(
      'The cron fires',
      async () => undefined,
      () => ['', `$ curl ${stack.relay.origin}/cdn-cgi/handler/scheduled`],
    );
    const callback = await awaitCallback(stack, story, { deadline, problems });
    const resultUrl = await checkCallback(story, { callback, task, secret: client.signing_secret });
    await fetchResult(story, resultUrl);
    await showAttempts(stack, story, { ringback, task, deadline });
  } finally {
    ticking.abort();
    await ticks;
  }
}

async function createClient(stack: Stack, story: Story): Promise<Client> {
  const client = await story.tell(
    'The operator creates a client',
    () =>
      call(new URL('/admin/clients', stack.relay), {
        method: 'POST',
        token: stack.adminToken,
        body: { name: 'demo' },
        expect: 201,
        schema: clientShape,
      }),
    ({ key }) => [
      `with the key ${key.slice(0, 8)}…`,
      `$ curl -X POST ${stack.relay.origin}/admin/clients -H "Authorization: Bearer $ADMIN_TOKEN" \\`,
      `    --json '{"name":"demo"}'`,
    ],
  );
  await story.tell('The inbox learns the signing secret of this client', () =>
    call(new URL(`/boxes/${BOX}`, stack.inbox), {
      method: 'PUT',
      body: { secret: client.signing_secret },
      expect: 200,
      schema: boxShape,
    }),
  );
  return client;
}

function postTask(
  stack: Stack,
  story: Story,
  { ringback, client }: { ringback: Ringback; client: Client },
): Promise<Task> {
  const body = sampleTask(new URL(`/hooks/${BOX}`, stack.inbox));
  return story.tell(
    'The client posts a task, and is done',
    () => ringback.create(body),
    ({ id, state, estimated_credits }) => [
      '',
      `$ curl -X POST ${stack.relay.origin}/v1/tasks -H "Authorization: Bearer ${client.key.slice(0, 8)}…" \\`,
      ...`--json '${JSON.stringify(body, null, 2)}'`.split('\n').map((line) => `    ${line}`),
      `202 Accepted: ${id}, ${state}, ${estimated_credits} credits`,
    ],
  );
}

function awaitCallback(
  stack: Stack,
  story: Story,
  { deadline, problems }: { deadline: AbortSignal; problems: string[] },
): Promise<ReceivedCallback> {
  const look = async (): Promise<ReceivedCallback> => {
    for (;;) {
      const { received } = await call(new URL(`/boxes/${BOX}`, stack.inbox), {
        expect: 200,
        schema: boxShape,
      });
      if (received[0] !== undefined) return received[0];
      const [problem] = problems;
      if (problem !== undefined) throw new Error(`No callback, and ${problem}`);
      if (deadline.aborted) throw new Error(`No callback came in time. ${await describeUpstream(stack)}`);
      await sleep(LOOK_AGAIN_MS);
    }
  };
  return story.tell('The video is rendered, and the callback arrives', look, (callback) => [
    '',
    `POST /hooks/${BOX}  webhook-id: ${callback.headers['webhook-id'] ?? 'none'}`,
    ...prettyJson(callback.raw),
  ]);
}

/** The lines of a JSON text as people like to read it; a text that is no JSON stays as it is. */
function prettyJson(text: string): string[] {
  try {
    return JSON.stringify(JSON.parse(text), null, 2).split('\n');
  } catch {
    return [text];
  }
}

async function checkCallback(
  story: Story,
  { callback, task, secret }: { callback: ReceivedCallback; task: Task; secret: string },
): Promise<string> {
  const { result_url: resultUrl } = await story.tell(
    'Its signature holds',
    async () => {
      const body = await verifyCallback(callback.raw, callback.headers, secret);
      if (body.type !== 'task.succeeded')
        throw new Error(`It is a ${body.type}: ${body.error_message ?? ''}`);
      if (body.id !== task.id) throw new Error(`It is for ${body.id}, not for ${task.id}.`);
      return body;
    },
    () => ['', `webhook-signature: ${callback.headers['webhook-signature'] ?? 'none'}`],
  );
  if (resultUrl === null) throw new Error('The callback has no result_url.');
  return resultUrl;
}

function fetchResult(story: Story, resultUrl: string): Promise<Uint8Array> {
  return story.tell(
    'The result is a playable MP4',
    async () => {
      const response = await fetch(resultUrl, { headers: { range: `bytes=0-${MP4_HEAD_BYTES - 1}` } });
      const head = new Uint8Array(await response.arrayBuffer());
      const brand = new TextDecoder().decode(head.subarray(4, 8));
      if (brand !== 'ftyp') throw new Error(`${resultUrl} answered ${response.status}, and no MP4.`);
      return head;
    },
    (head) => ['', `$ curl -r 0-${MP4_HEAD_BYTES - 1} ${resultUrl}`, Buffer.from(head).toString('hex')],
  );
}

async function showAttempts(
  stack: Stack,
  story: Story,
  { ringback, task, deadline }: { ringback: Ringback; task: Task; deadline: AbortSignal },
): Promise<void> {
  const look = async (): Promise<Attempt[]> => {
    // Ringback writes down the attempt just after the inbox answered it.
    for (;;) {
      const attempts = await ringback.attempts(task.id, { signal: deadline });
      if (attempts.length > 0) return attempts;
      if (deadline.aborted) throw new Error('The log has no attempt, although the callback came.');
      await sleep(LOOK_AGAIN_MS);
    }
  };
  await story.tell('The attempt log has it', look, (attempts) => [
    '',
    ...attempts.map(
      ({ number, status, duration_ms: ms, outcome }) =>
        `attempt ${number}: ${status ?? 'no answer'} in ${ms} ms, ${outcome}`,
    ),
  ]);
  story.detail(await describeUpstream(stack));
}

async function describeUpstream(stack: Stack): Promise<string> {
  const { tasks, calls } = await call(new URL('/_sandbox/state', stack.upstream), {
    expect: 200,
    schema: upstreamStateShape,
  });
  const polls = Object.values(calls.recordInfo).reduce((sum, count) => sum + count, 0);
  return `Upstream has ${counted(tasks.length, 'task')}, and was polled ${polls === 1 ? 'once' : counted(polls, 'time')}.`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

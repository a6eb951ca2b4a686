import { beforeEach, describe, expect, it, vi } from 'vitest';
import { startRelay, video } from '../support/relay.ts';
import type { Answer } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/42';
const KEY = { 'Idempotency-Key': 'row-42' };
/** Callers are answered within this time, however the first request with their key ended. */
const MAX_WAIT_MS = 15_000;

// A process that dies logs what it met; here that is the subject, not news.
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

async function start(options: Parameters<typeof startRelay>[0] = {}) {
  const relay = await startRelay(options);
  const receiver = relay.receiver('hooks.example.com');
  const { key } = await relay.client();
  const me = relay.as(key);
  const post = async (prompt = 'a fox'): Promise<Answer> =>
    await me.post('/v1/tasks', video(prompt, { callback_url: HOOK }), KEY);
  /** How long an answer took, by Ringback's clock. */
  const timed = async <T>(ask: () => Promise<T>): Promise<[T, number]> => {
    const startedAt = relay.clock.now();
    const answer = await ask();
    return [answer, relay.clock.now() - startedAt];
  };
  const tasks = async () => (await me.get('/v1/tasks')).body.data;
  const upstreamTasks = () => relay.simulator.snapshot().tasks;
  return { relay, receiver, me, post, timed, tasks, upstreamTasks };
}

type Stage = Awaited<ReturnType<typeof start>>;

/** Which effect of a post is the one that stores its task: the sign-in comes before. */
const AT_INSERT = 2;

/** The effects of a post, from the one that stores the task on: at which of them a process may die. */
async function effectsFromInsert(): Promise<number[]> {
  const { relay, post } = await start();
  relay.restart();
  await post();
  const { log } = relay.effects;
  const insert = log.indexOf('batch');
  expect(insert).toBeGreaterThanOrEqual(0);
  return log.slice(insert).map((_, i) => insert + 1 + i);
}

/** The first request dies right behind its insert, and another process takes over. */
async function dieAfterInsert({ relay, post }: Stage): Promise<void> {
  relay.restart({ kill: { at: AT_INSERT, when: 'after' } });
  await post();
  expect(relay.effects.log.at(-1)).toBe('batch');
  relay.restart();
}

describe('a retry after its first request died', () => {
  it('at any effect behind its insert has its task within 15 s, and upstream has one', async () => {
    for (const at of await effectsFromInsert()) {
      const stage = await start();
      const { relay, post, timed, tasks, upstreamTasks } = stage;
      relay.restart({ kill: { at, when: 'after' } });
      await post();
      expect(relay.effects.wasHit).toBe(true);
      relay.restart();
      const [answer, tookMs] = await timed(post);
      const where = `after effect ${at}`;
      expect([200, 202], where).toContain(answer.status);
      expect(tookMs, where).toBeLessThan(MAX_WAIT_MS);
      expect(answer.body.state, where).toBe('running');
      expect(await tasks(), where).toMatchObject([{ id: answer.body.id }]);
      expect(
        upstreamTasks().map(({ requestId }) => requestId),
        where,
      ).toEqual([answer.body.id]);
    }
  });

  it('is one of many: all have the same task', async () => {
    const stage = await start();
    await dieAfterInsert(stage);
    const [answers, tookMs] = await stage.timed(
      async () => await Promise.all(Array.from({ length: 20 }, async () => await stage.post())),
    );
    for (const { status } of answers) expect([200, 202]).toContain(status);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(tookMs).toBeLessThan(MAX_WAIT_MS);
    expect(stage.upstreamTasks()).toHaveLength(1);
  });

  it('does not wait for upstream longer than that either: it has the task, and the tick carries it on', async () => {
    const stage = await start();
    await dieAfterInsert(stage);
    await stage.relay.fault({ kind: 'hang', endpoint: 'createTask', delayMs: 60_000 });
    const [answer, tookMs] = await stage.timed(stage.post);
    expect([200, 202]).toContain(answer.status);
    expect(answer.body.state).toBe('queued');
    expect(tookMs).toBeLessThan(MAX_WAIT_MS);
    await stage.relay.tickUntil(async () => (await stage.tasks())[0].state === 'succeeded');
    expect(await stage.tasks()).toMatchObject([{ id: answer.body.id, state: 'succeeded' }]);
    expect(stage.upstreamTasks()).toHaveLength(1);
  });

  it('is not told that nothing is left where upstream refuses the key meanwhile: it may have made the task before', async () => {
    const stage = await start({ timeScale: 0 });
    stage.relay.restart({ kill: { at: AT_INSERT + 1, when: 'after' } });
    await stage.post();
    stage.relay.restart();
    await stage.relay.fault({ endpoint: 'createTask', kind: 'status', status: 401 });
    const answer = await stage.post();
    expect([200, 202]).toContain(answer.status);
    await stage.relay.tickUntil(async () => (await stage.tasks())[0].state === 'succeeded');
    expect(await stage.tasks()).toMatchObject([{ id: answer.body.id }]);
    expect(stage.upstreamTasks()).toHaveLength(1);
  });

  it('with another body is told so at once, as ever', async () => {
    const stage = await start();
    await dieAfterInsert(stage);
    const [answer, tookMs] = await stage.timed(async () => await stage.post('a wolf'));
    expect(answer.body.type).toMatch(/idempotency-key-reused$/);
    expect(tookMs).toBeLessThan(1_000);
  });

  it('over the other surface has the same task', async () => {
    const stage = await start();
    await dieAfterInsert(stage);
    const body = video('a fox', { callBackUrl: HOOK });
    const answer = await stage.me.post('/api/v1/jobs/createTask', body, { 'X-Request-ID': 'row-42' });
    const [task] = await stage.tasks();
    expect(answer).toMatchObject({ status: 200, body: { data: { taskId: task.id } } });
    expect(stage.upstreamTasks()).toHaveLength(1);
  });
});

describe('what upstream refuses', () => {
  it('is told to each retry alike where the first request died, and the key is free again', async () => {
    const stage = await start();
    await dieAfterInsert(stage);
    await stage.relay.fault({ kind: 'status', endpoint: 'createTask', status: 422, times: 5 });
    const answers = await Promise.all(Array.from({ length: 5 }, async () => await stage.post()));
    const [first] = answers;
    for (const answer of answers) expect(answer).toMatchObject({ status: 422, body: first?.body });
    expect(await stage.tasks()).toEqual([]);
    await stage.relay.tick();
    expect(stage.receiver.received).toEqual([]);
    // Retries share an answer, so some of the faults are left.
    for (let left = 5; left > 0 && (await stage.post('a wolf')).status === 422; left--);
    expect(await stage.tasks()).toMatchObject([{ state: 'running', input: { prompt: 'a wolf' } }]);
  });

  it('is told to the first request too, which upstream kept waiting meanwhile', async () => {
    const { relay, post, tasks } = await start();
    await relay.fault({ kind: 'hang', endpoint: 'createTask', delayMs: 60_000 });
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 422 });
    const [first, retry] = await Promise.all([post(), post()]);
    expect(retry).toMatchObject({ status: 422 });
    expect(first).toMatchObject({ status: 422, body: retry.body });
    expect(await tasks()).toEqual([]);
  });

  it('after its task was told of already is called back, and told to retries as that task', async () => {
    const { relay, receiver, post, tasks } = await start();
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 500 });
    const first = await post();
    expect(first).toMatchObject({ status: 202, body: { state: 'queued' } });
    await relay.fault({ kind: 'status', endpoint: 'createTask', status: 422, message: 'No such voice.' });
    await relay.tick();
    expect(await tasks()).toMatchObject([{ state: 'failed', error_code: 'upstream_refused' }]);
    expect(receiver.received.map(({ body }) => JSON.parse(body))).toMatchObject([
      {
        type: 'task.failed',
        error_code: 'upstream_refused',
        error_message: expect.stringContaining('No such voice.'),
      },
    ]);
    expect(await post()).toMatchObject({ status: 200, body: { id: first.body.id, state: 'failed' } });
  });
});

it('no answer says that the first request is still being answered', async () => {
  const { relay } = await start();
  expect(JSON.stringify(await (await relay.request('/openapi.json')).json())).not.toContain(
    'idempotency-key-busy',
  );
});

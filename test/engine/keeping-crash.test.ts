import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fileBytes } from '../../sandbox/upstream/file-bytes.ts';
import type { FileKeeper } from '../../src/files/keeper.ts';
import type { Kill } from '../support/effects.ts';
import { RELAY, startRelay, video } from '../support/relay.ts';
import type { Relay, RelayOptions } from '../support/relay.ts';

const HOOK = 'https://hooks.example.com/1';

async function start(options: RelayOptions = {}) {
  const relay = await startRelay({ timeScale: 0.05, keepsResults: true, ...options });
  const receiver = relay.receiver('hooks.example.com');
  const me = relay.as((await relay.client()).key);
  const post = async (prompt: string): Promise<string> =>
    (await me.post('/v1/tasks', video(prompt, { callback_url: HOOK }))).body.id;
  const task = async (id: string) => (await me.get(`/v1/tasks/${id}`)).body;
  const told = (id: string) => receiver.received.find(({ body }) => JSON.parse(body).id === id);
  return { relay, receiver, me, post, task, told };
}

/** How long after its end upstream a task was told, in ms. */
function lateness(relay: Relay, id: string, told: { at: number } | undefined): number {
  const upstream = relay.simulator.snapshot().tasks.find(({ requestId }) => requestId === id);
  return (told?.at ?? Infinity) - (upstream?.endTime ?? 0);
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

describe('slow result servers delay no other task:', () => {
  it.each(['[file:silent]', '[file:stalled]', '[size:4000000] [file:slow:30000]'])(
    'six whose files do %s',
    async (word) => {
      const { relay, post, told } = await start({ vars: { SUBREQUEST_BUDGET: '9000' } });
      for (let i = 0; i < 6; i++) await post(`a slow fox [slow:10] ${word}`);
      const good = await post('a fox [slow:10] [size:1000]');
      await relay.tickUntil(async () => told(good) !== undefined, 3);
      expect(lateness(relay, good, told(good))).toBeLessThan(9_000);
    },
    30_000,
  );

  it.each(['[size:8000000] [file:slow:100000]', '[file:silent]', '[size:3000000] [file:slow:100000]'])(
    'and no callback comes more than a minute later than its end, of many at once whose files do %s',
    async (word) => {
      const { relay, post, told } = await start({ vars: { SUBREQUEST_BUDGET: '9000' } });
      const ids: string[] = [];
      // Past the middle of a cron run: the minute goes on in the next one.
      for (let i = 0; i < 12; i++) ids.push(await post(`a fox [slow:30] ${word}`));
      await relay.tickUntil(async () => ids.every((id) => told(id) !== undefined), 4);
      for (const id of ids) expect(lateness(relay, id, told(id)), id).toBeLessThan(60_000);
    },
    60_000,
  );

  it('and there are never more than two copies at a time', async () => {
    let underWay = 0;
    let most = 0;
    const { relay, post, told } = await start();
    const { services } = relay;
    const { startInvocation } = services;
    Object.defineProperty(services, 'startInvocation', {
      value: () => {
        const deps = startInvocation();
        const copy: FileKeeper['copy'] = async (...args) => {
          if (deps.files === null) throw new Error('there is no bucket');
          most = Math.max(most, ++underWay);
          return await deps.files.copy(...args).finally(() => underWay--);
        };
        return { ...deps, files: { ...deps.files, copy } };
      },
    });
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push(await post('a fox [slow:10] [size:50000] [file:slow:20000]'));
    await relay.tickUntil(async () => ids.every((id) => told(id) !== undefined), 3);
    expect(most).toBe(2);
  }, 30_000);
});

describe('a task whose files are copied', () => {
  it('reads running until then, without links, and is told after they can be read', async () => {
    const { relay, post, task, told } = await start({ vars: { TICK_SECONDS: '8' } });
    const id = await post('a fox [slow:5] [file:flaky]');
    await relay.tick();
    expect(Object.keys(relay.simulator.snapshot().files)).toHaveLength(1);
    expect(await task(id)).toMatchObject({
      state: 'running',
      result_urls: [],
      source_urls: [],
      completed_at: null,
    });
    for (let ticks = 0; ticks < 5 && told(id) === undefined; ticks++) {
      await relay.tick();
      relay.clock.advance(1_000);
    }
    const link: string = JSON.parse(told(id)?.body ?? '').result_url;
    expect((await relay.request(link.replace(RELAY, ''), { method: 'HEAD' })).status).toBe(200);
  });

  it('is no task that upstream runs any more: its slot is free', async () => {
    const { relay, post, task, me } = await start({ vars: { TICK_SECONDS: '20' } });
    const id = await post('a fox [slow:5] [file:silent]');
    await relay.tick();
    expect((await task(id)).state).toBe('running');
    expect((await me.get('/v1/client')).body.active_tasks).toBe(0);
  });

  it('can be canceled meanwhile, and leaves no file for long', async () => {
    const { relay, post, task, me, told } = await start({ vars: { TICK_SECONDS: '12' } });
    const id = await post('a fox [slow:5] [results:2] [file:slow:50000] [size:400000]');
    await relay.tick();
    expect((await task(id)).state).toBe('running');
    expect((await me.post(`/v1/tasks/${id}/cancel`)).body.state).toBe('canceled');
    relay.clock.advance(3_600_000);
    await relay.tickUntil(async () => told(id) !== undefined);
    expect(JSON.parse(told(id)?.body ?? '')).toMatchObject({ type: 'task.canceled', result_urls: [] });
    expect((await env.TEST_RESULTS.list()).objects).toEqual([]);
    expect((await env.DB.prepare('select count(*) as n from abandoned').first<{ n: number }>())?.n).toBe(0);
  });

  it('is carried on by the next invocation, with its tries counted on', async () => {
    const { relay, post, told } = await start({ vars: { TICK_SECONDS: '7' } });
    const id = await post('a fox [slow:5] [file:gone]');
    for (let ticks = 0; ticks < 5 && told(id) === undefined; ticks++) {
      await relay.tick();
      relay.clock.advance(1_000);
    }
    const files = Object.values(relay.simulator.snapshot().files);
    expect(files).toEqual([3]);
    expect(lateness(relay, id, told(id))).toBeLessThan(60_000);
  });

  it('has upstream links told where the bucket was unbound meanwhile', async () => {
    const { relay, post, task, told } = await start({ vars: { TICK_SECONDS: '8' } });
    const id = await post('a fox [slow:5] [file:gone]');
    await relay.tick();
    expect((await task(id)).state).toBe('running');
    const { services } = relay;
    Object.defineProperty(services, 'files', { value: null });
    const startInvocation = services.startInvocation;
    Object.defineProperty(services, 'startInvocation', {
      value: () => ({ ...startInvocation(), files: null }),
    });
    relay.clock.advance(5_000);
    await relay.tickUntil(async () => told(id) !== undefined);
    expect((await task(id)).result_urls).toEqual((await task(id)).source_urls);
  });

  it('keeps its kept links when it is told again, while upstream links are new', async () => {
    const { relay, post, task, me, receiver, told } = await start();
    const id = await post('a fox [size:500]');
    await relay.tickUntil(async () => told(id) !== undefined);
    const before = (await task(id)).result_urls;
    const record = relay.simulator.recordInfo.bind(relay.simulator);
    relay.simulator.recordInfo = (call) => record({ ...call, origin: 'https://new.upstream.test' });
    relay.clock.advance(60_000);
    expect((await me.post(`/v1/tasks/${id}/redeliver`)).status).toBe(202);
    await relay.tickUntil(async () => receiver.received.length === 2);
    const again = JSON.parse(receiver.received[1]?.body ?? '');
    expect(again.result_urls).toEqual(before);
    expect(again.source_urls[0]).toContain('https://new.upstream.test/');
    expect(await task(id)).toMatchObject({ result_urls: before, source_urls: again.source_urls });
  });

  it("tells a drop-in client by kept links in upstream's own field", async () => {
    const { relay, me } = await start();
    const created = await me.post(
      '/api/v1/jobs/createTask',
      video('a fox [size:500]', { callBackUrl: HOOK }),
    );
    const { taskId } = created.body.data;
    const record = async () => (await me.get(`/api/v1/jobs/recordInfo?taskId=${taskId}`)).body;
    await relay.tickUntil(async () => (await record()).data.state === 'success');
    const { resultUrls } = JSON.parse((await record()).data.resultJson);
    expect(resultUrls).toEqual([expect.stringContaining(`${RELAY}/files/${taskId}/1/`)]);
  });
});

/** More effects than the tick of one task with a kept file has. */
const MOST_EFFECTS = 60;

/** One task with two files, with one effect of its tick gone wrong. */
async function liveThrough(kill: Kill) {
  const { relay, receiver, post, task, told } = await start({ vars: { TICK_SECONDS: '12' } });
  const id = await post('a fox [slow:2] [results:2] [size:70000]');
  relay.restart({ kill });
  await relay.tick().catch(() => undefined);
  const { wasHit } = relay.effects;
  relay.restart();
  relay.clock.advance(15_000);
  await relay.tickUntil(async () => (await task(id)).callback.state === 'delivered');
  const upstream = relay.simulator.snapshot().tasks[0]?.taskId;
  relay.clock.advance(3_600_000);
  await relay.tick();
  return { wasHit, task: await task(id), told: told(id), upstream, received: receiver.received };
}

describe.each([
  ['a process killed', false],
  ['a single failure of D1, R2 or the network', true],
] as const)('%s', (_what, survives) => {
  it.each(['before', 'after'] as const)(
    '%s any effect of the tick leaves each file byte for byte, told once, and nothing beside',
    async (when) => {
      for (let at = 1; at <= MOST_EFFECTS; at++) {
        const { wasHit, task, upstream, received } = await liveThrough({ at, when, survives });
        const where = `${when} effect ${at}`;
        expect(task, where).toMatchObject({ state: 'succeeded' });
        expect(new Set(received.map(({ body }) => body)).size, where).toBe(1);
        const { objects } = await env.TEST_RESULTS.list();
        const names = task.result_urls.map((link: string) => link.replace(`${RELAY}/files/`, ''));
        expect(
          objects.map(({ key }) => key),
          where,
        ).toEqual(names);
        for (const [place, name] of names.entries()) {
          const bytes = new Uint8Array(
            (await (await env.TEST_RESULTS.get(name))?.arrayBuffer()) ?? new ArrayBuffer(),
          );
          expect(bytes, where).toEqual(fileBytes(`${upstream}/result-${place + 1}.mp4`, 70_000));
        }
        if (!wasHit) return;
      }
      throw new Error(`the tick has more than ${MOST_EFFECTS} effects: raise the bound`);
    },
    180_000,
  );
});
